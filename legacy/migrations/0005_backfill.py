"""What a backfill keeps of what it does."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("legacy", "0004_written_in_both"),
    ]

    operations = [
        migrations.CreateModel(
            name="Census",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                ("is_empty", models.BooleanField()),
                ("is_not_of_two", models.BooleanField()),
                ("misses_people", models.BooleanField()),
                ("misses_request", models.BooleanField()),
                ("opens_too_short", models.BooleanField()),
                ("opens_too_long", models.BooleanField()),
                ("is_opened_by_asker", models.BooleanField()),
                ("is_duplicate", models.BooleanField()),
                ("reason", models.CharField(max_length=20)),
            ],
            options={
                "db_table": "legacy_census",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Move",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("converted", "Converted"),
                            ("merged", "Merged into the oldest of its pair"),
                            ("quarantined", "Left where it is"),
                        ],
                        max_length=11,
                    ),
                ),
                ("into_id", models.UUIDField(null=True)),
                ("reason", models.CharField(db_default="", default="", max_length=20)),
                ("messages", models.PositiveIntegerField(db_default=0, default=0)),
                ("kept", models.JSONField(null=True)),
            ],
            options={
                "db_table": "legacy_moves",
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("paused", "Paused"), ("done", "Done")],
                        default="running",
                        max_length=7,
                    ),
                ),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("moved_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("conversations", models.PositiveIntegerField(db_default=0, default=0)),
                ("messages", models.PositiveIntegerField(db_default=0, default=0)),
                ("digest", models.CharField(default="", max_length=64)),
                ("verified_at", models.DateTimeField(null=True)),
                ("differences", models.PositiveIntegerField(null=True)),
            ],
            options={
                "db_table": "legacy_runs",
            },
        ),
        migrations.AddIndex(
            model_name="earlierconversation",
            index=models.Index(fields=["created_at", "id"], name="v1_conversations_in_order"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["running", "paused", "done"])), name="legacy_runs_state_known"
            ),
        ),
        migrations.AddField(
            model_name="move",
            name="run",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="legacy.run"),
        ),
        migrations.AddIndex(
            model_name="move",
            index=models.Index(fields=["into_id"], name="legacy_moves_into"),
        ),
        migrations.AddConstraint(
            model_name="move",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["converted", "merged", "quarantined"])),
                name="legacy_moves_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="move",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("into_id__isnull", True), ("outcome", "quarantined"), models.Q(("reason", ""), _negated=True)
                    ),
                    models.Q(
                        models.Q(("outcome", "quarantined"), _negated=True), ("into_id__isnull", False), ("reason", "")
                    ),
                    _connector="OR",
                ),
                name="legacy_moves_says_where_or_why",
            ),
        ),
    ]
