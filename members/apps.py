"""The members room."""

from django.apps import AppConfig


class Members(AppConfig):
    name = "members"
    default_auto_field = "django.db.models.BigAutoField"
