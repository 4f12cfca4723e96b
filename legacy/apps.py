"""The legacy room: delete its folder to finish."""

from django.apps import AppConfig


class Legacy(AppConfig):
    name = "legacy"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "The earlier system"
