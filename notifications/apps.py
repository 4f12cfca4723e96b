"""The notices room."""

from django.apps import AppConfig


class Notifications(AppConfig):
    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"
