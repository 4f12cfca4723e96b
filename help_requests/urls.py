"""The addresses of help requests: pages and API."""

from django.urls import path

from help_requests import api, views

app_name = "help_requests"

urlpatterns = [
    path("requests/", views.listing, name="list"),
    path("requests/new/", views.ask, name="ask"),
    path("requests/mine/", views.mine, name="mine"),
    path("requests/<uuid:request_id>/", views.show, name="show"),
    path("requests/<uuid:request_id>/posted/", views.posted, name="posted"),
    path("requests/<uuid:request_id>/edit/", views.edit, name="edit"),
    path("requests/<uuid:request_id>/close/", views.close, name="close"),
    path("requests/<uuid:request_id>/undo/", views.undo, name="undo"),
    path("requests/<uuid:request_id>/reopen/", views.reopen, name="reopen"),
    path("api/help-requests", api.HelpRequestList.as_view()),
    path("api/help-requests/<uuid:request_id>", api.OneHelpRequest.as_view()),
    path("api/help-requests/<uuid:request_id>/complete", api.Complete.as_view()),
    path("api/help-requests/<uuid:request_id>/cancel", api.Cancel.as_view()),
    path("api/help-requests/<uuid:request_id>/reopen", api.Reopen.as_view()),
]
