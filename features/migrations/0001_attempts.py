"""The attempt log."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "kind",
                    models.CharField(
                        choices=[("start_conversation", "Start a conversation"), ("send_message", "Send a message")],
                        max_length=20,
                    ),
                ),
                ("version", models.SmallIntegerField(null=True)),
                ("endpoint", models.CharField(blank=True, max_length=100)),
                ("code", models.CharField(max_length=40)),
                ("milliseconds", models.IntegerField(null=True)),
                ("flag_state", models.CharField(blank=True, default="", max_length=40)),
                ("member_id", models.UUIDField(null=True)),
                ("conversation_id", models.UUIDField(null=True)),
                ("request_id", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "db_table": "attempts",
                "indexes": [models.Index(fields=["kind", "at"], name="attempts_by_kind")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["start_conversation", "send_message"])),
                        name="attempts_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("version__isnull", True), ("version__in", (1, 2)), _connector="OR"),
                        name="attempts_version_is_known",
                    ),
                ],
            },
        ),
    ]
