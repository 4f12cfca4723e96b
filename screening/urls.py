"""The screening room's address."""

from django.urls import path

from screening import api

app_name = "screening"
urlpatterns = [path("api/messaging/check", api.Check.as_view())]
