"""The last faults are found at once, however long the log is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("features", "0003_flag_guards"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("code__in", ("server_error", "service_unavailable"))),
                fields=["at", "id"],
                name="attempts_faults",
            ),
        ),
    ]
