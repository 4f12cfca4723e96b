"""The members room's addresses."""

from django.urls import path

from members import api
from members.page_urls import pages

app_name = "members"
urlpatterns = [
    *pages,
    path("api/me", api.Me.as_view()),
    path("api/members/<uuid:member_id>/block", api.Blocking.as_view()),
    path("api/tokens", api.Tokens.as_view()),
    path("api/tokens/<uuid:token_id>", api.OneToken.as_view()),
]
