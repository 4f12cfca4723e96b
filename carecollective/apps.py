"""The frame."""

from django.apps import AppConfig


class CareCollective(AppConfig):
    name = "carecollective"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from carecollective import encryption

        # An unreadable key stops the start here, in every process and every command.
        encryption.ring()
