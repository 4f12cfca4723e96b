"""Alerts: who may write to a member, and whether we email them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from carecollective.pages import faults_said_at, form_page, sent, takes
from members.doors import caller, signed_in
from messaging.forms.preferences import Alerts
from messaging.services.preferences import change_preferences
from notifications import preferences


@takes("GET", "POST")
@signed_in
def alerts(request: HttpRequest) -> HttpResponse:
    form = Alerts(sent(request), chosen=preferences.of(caller(request)))
    if request.method == "POST" and form.is_valid():
        with faults_said_at(form, request):
            change_preferences(caller(request), **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("messaging:alerts")
    return form_page(request, "messaging/alerts.html", form)
