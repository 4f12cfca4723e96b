"""The home room."""

from django.apps import AppConfig


class Home(AppConfig):
    name = "home"
