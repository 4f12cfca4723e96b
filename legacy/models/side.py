"""The side tables: what the common API needs beyond the earlier system's columns, by the ids of its rows."""

# They inherit the tables of messaging, so whatever reads or changes those finds these rows, too. Only ids are named
# here: nobody reads them as models, but a model says what the site may do (carecollective/grants.py).

from django.db import models


class SideConversation(models.Model):
    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True)

    class Meta:
        managed = False
        db_table = "legacy_conversations"

    def __str__(self) -> str:
        return f"side row of {self.pk}"


class SideMessage(models.Model):
    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True)

    class Meta:
        managed = False
        db_table = "legacy_messages"

    def __str__(self) -> str:
        return f"side row of {self.pk}"
