"""The addresses of help requests: pages and API."""

from django.urls import path

from help_requests import api, views

app_name = "help_requests"

urlpatterns = [
    path("requests/", views.listing, name="list"),
    path("requests/new/", views.ask, name="ask"),
    path("requests/mine/", views.mine, name="mine"),
    path("requests/<uuid:request_id>/posted/", views.posted, name="posted"),
    path("api/help-requests", api.HelpRequestList.as_view()),
]
