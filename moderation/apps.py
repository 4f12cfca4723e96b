"""The moderation room."""

from django.apps import AppConfig


class Moderation(AppConfig):
    name = "moderation"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Reports and questions"
