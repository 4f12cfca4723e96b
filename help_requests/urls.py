"""The addresses of help requests: pages and API."""

from django.urls import path

from help_requests import api
from help_requests.views import asking, browsing

app_name = "help_requests"

urlpatterns = [
    path("requests/", browsing.listing, name="list"),
    path("requests/new/", asking.ask, name="ask"),
    path("requests/new/check/", asking.check, name="check"),
    path("requests/new/start-over/", asking.start_over, name="start_over"),
    path("requests/new/<slug:slug>/", asking.question, name="question"),
    path("requests/mine/", browsing.mine, name="mine"),
    path("requests/<uuid:request_id>/posted/", asking.posted, name="posted"),
    path("api/help-requests", api.HelpRequestList.as_view()),
]
