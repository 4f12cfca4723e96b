"""The screening room."""

from django.apps import AppConfig


class Screening(AppConfig):
    name = "screening"
    default_auto_field = "django.db.models.BigAutoField"
