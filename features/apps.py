"""The features room."""

from django.apps import AppConfig
from django.conf import settings

from features.environment import Environment


class Features(AppConfig):
    name = "features"
    default_auto_field = "django.db.models.BigAutoField"
    environment = Environment()

    def ready(self) -> None:
        """What cannot be read stops every process, whatever it was started for."""
        self.environment = Environment.read(settings.MESSAGING_V2)
