"""The help requests room."""

from django.apps import AppConfig


class HelpRequests(AppConfig):
    name = "help_requests"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Help requests"
