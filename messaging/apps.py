"""The messaging room."""

from django.apps import AppConfig


class Messaging(AppConfig):
    name = "messaging"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Conversations"
