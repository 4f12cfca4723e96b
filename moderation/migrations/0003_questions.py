import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import carecollective.database


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=carecollective.database.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("words", models.TextField()),
                ("words_key_id", models.CharField(max_length=32)),
                ("client_id", models.CharField(blank=True, db_default="", default="", max_length=100)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="asked"),
                ),
                ("answer", models.TextField(blank=True, db_default="", default="")),
                ("answer_key_id", models.CharField(blank=True, db_default="", default="", max_length=32)),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                (
                    "answered_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "questions",
                "indexes": [
                    models.Index(fields=["asker", "-created_at", "-id"], name="questions_by_asker"),
                    models.Index(
                        condition=models.Q(("answered_at", None)), fields=["created_at"], name="questions_waiting"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("client_id", ""), _negated=True),
                        fields=("asker", "client_id"),
                        name="questions_client_id_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("words_key_id", ""), _negated=True), name="questions_are_sealed"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""), ("answer_key_id", ""), ("answered_at", None), ("answered_by", None)
                            ),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                                models.Q(("answer_key_id", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="questions_answer_is_whole",
                    ),
                ],
            },
        ),
    ]
