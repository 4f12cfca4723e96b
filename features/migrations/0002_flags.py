"""The switch, its changes, who is internal, and alarms."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import carecollective.database


class Migration(migrations.Migration):
    dependencies = [
        ("features", "0001_attempts"),
        ("members", "0006_trust"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="InternalMember",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("added_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "flag_members",
            },
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=carecollective.database.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("kind", models.CharField(max_length=40)),
                ("sentence", models.CharField(max_length=700)),
            ],
            options={
                "db_table": "alarms",
                "ordering": ["-at"],
                "indexes": [models.Index(fields=["kind", "at"], name="alarms_by_kind")],
            },
        ),
        migrations.CreateModel(
            name="Flag",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("state", models.CharField(blank=True, default="", max_length=20)),
                ("is_pinned", models.BooleanField(default=False)),
                ("group", models.CharField(blank=True, default="", max_length=40)),
                ("exposed_since", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "flags",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__regex", "^(|off|internal|on|percentage:(100|[1-9]?[0-9](\\.[0-9]{1,2})?))$")
                        ),
                        name="flags_state_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FlagChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("flag", models.CharField(default="messaging_v2", max_length=40)),
                ("from_state", models.CharField(max_length=20)),
                ("to_state", models.CharField(max_length=20)),
                ("source", models.CharField(blank=True, default="", max_length=40)),
                ("is_pinned", models.BooleanField(default=False)),
                ("by", models.CharField(max_length=100)),
                ("why", models.CharField(max_length=300)),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "flag_changes",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("why", ""), _negated=True), name="flag_changes_say_why")
                ],
            },
        ),
    ]
