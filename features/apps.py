"""The features room."""

from django.apps import AppConfig


class Features(AppConfig):
    name = "features"
    default_auto_field = "django.db.models.BigAutoField"
