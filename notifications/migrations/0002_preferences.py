"""How a member wants to be written to and told."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("notifications", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Preferences",
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
                (
                    "can_receive_from",
                    models.CharField(
                        choices=[
                            ("anyone", "Any member"),
                            ("help_connections", "People I have helped, or who have helped me"),
                            ("nobody", "Nobody"),
                        ],
                        default="help_connections",
                        max_length=20,
                    ),
                ),
                (
                    "email",
                    models.CharField(
                        choices=[("now", "As it happens"), ("daily", "Once a day"), ("off", "Never")],
                        default="now",
                        max_length=10,
                    ),
                ),
                ("quiet_hours_start", models.TimeField(null=True)),
                ("quiet_hours_end", models.TimeField(null=True)),
                ("read_receipts", models.BooleanField(default=True)),
                ("presence", models.BooleanField(default=True)),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "messaging_preferences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("can_receive_from__in", ["anyone", "help_connections", "nobody"])),
                        name="preferences_receive_from_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("email__in", ["now", "daily", "off"])), name="preferences_email_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_hours_end__isnull", True), ("quiet_hours_start__isnull", True)),
                            models.Q(("quiet_hours_end__isnull", False), ("quiet_hours_start__isnull", False)),
                            _connector="OR",
                        ),
                        name="preferences_quiet_hours_both_or_neither",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quiet_hours_start", models.F("quiet_hours_end")), _negated=True),
                        name="preferences_quiet_hours_differ",
                    ),
                ],
            },
        ),
    ]
