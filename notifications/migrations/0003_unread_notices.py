"""Unread notices are counted on every page, so they have an index of their own."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index made beside the running site cannot stand in a transaction.
    atomic = False

    dependencies = [
        ("notifications", "0002_preferences"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="notice",
            index=models.Index(name="notices_unread", fields=["member"], condition=models.Q(("read_at__isnull", True))),
        ),
    ]
