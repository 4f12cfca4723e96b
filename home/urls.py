"""The addresses of pages that show several rooms."""

from django.urls import path

from home import views

app_name = "home"

urlpatterns = [
    path("home/", views.home, name="home"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="read_notices"),
    path("notices/<uuid:notice_id>/", views.open_notice, name="notice"),
    path("people/<uuid:member_id>/", views.person, name="person"),
]
