"""Who came over from an original installation."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("legacy", "0010_ending"),
    ]

    operations = [
        migrations.CreateModel(
            name="Newcomer",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("came_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("invited_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "legacy_newcomers",
                "indexes": [
                    models.Index(
                        condition=models.Q(("invited_at__isnull", True)),
                        fields=["id"],
                        name="legacy_newcomers_to_invite",
                    )
                ],
            },
        ),
    ]
