"""The first tables."""

import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("sequence", models.BigIntegerField(db_default=0, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("actor", models.UUIDField(null=True)),
                ("actor_label", models.CharField(max_length=20)),
                ("action", models.CharField(max_length=60)),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.CharField(max_length=64)),
                ("case_id", models.UUIDField(null=True)),
                ("reason", models.TextField(max_length=300)),
                ("details", models.JSONField()),
                ("previous_digest", models.CharField(db_default="", editable=False, max_length=64)),
                ("digest", models.CharField(db_default="", editable=False, max_length=64)),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit log",
                "db_table": "audit_log",
                "ordering": ["-sequence"],
                "indexes": [
                    models.Index(fields=["subject_kind", "subject_id", "sequence"], name="audit_log_by_subject"),
                    models.Index(fields=["actor", "sequence"], name="audit_log_by_actor"),
                    models.Index(
                        condition=models.Q(("case_id__isnull", False)),
                        fields=["case_id", "sequence"],
                        name="audit_log_by_case",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length("reason"), 300
                        ),
                        name="audit_reason_is_short",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.SmallIntegerField(db_default=1, primary_key=True, serialize=False)),
                ("last_sequence", models.BigIntegerField(db_default=0)),
                ("last_digest", models.CharField(db_default="", max_length=64)),
            ],
            options={
                "db_table": "audit_head",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_head_is_one_row")],
            },
        ),
    ]
