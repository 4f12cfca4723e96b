"""Look and text: how the site reads on this device, for everybody, signed in or not."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from carecollective import cookies
from carecollective.look import look as look_of
from carecollective.pages import form_page, sent, takes
from members.forms.me import Look


@takes("GET", "POST")
def look(request: HttpRequest) -> HttpResponse:
    form = Look(sent(request), look=look_of(request))
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "members/look.html", form)
    messages.success(request, "Saved.")
    response = redirect("members:look")
    for name, value in form.as_cookies().items():
        _set(response, f"look_{name}", value)
    return response


def _set(response: HttpResponse, cookie: str, value: str) -> None:
    if value:
        cookies.give(response, cookie, value, seconds=cookies.YEAR)
    else:
        response.delete_cookie(cookie, samesite="Lax")
