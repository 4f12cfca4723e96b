"""The three tables of the earlier system."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        # What is kept of the side tables when messaging is taken back (0002) goes with these tables.
        migrations.RunSQL(
            migrations.RunSQL.noop, "DROP TABLE IF EXISTS public.legacy_messages_kept, public.legacy_conversations_kept"
        ),
        migrations.CreateModel(
            name="EarlierConversation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(), primary_key=True, serialize=False
                    ),
                ),
                ("help_request_id", models.UUIDField(null=True)),
                ("created_by", models.UUIDField(null=True)),
                ("title", models.TextField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("closed", "Closed"), ("blocked", "Blocked")],
                        db_default="active",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_message_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "conversations",
                "indexes": [models.Index(fields=["help_request_id"], name="v1_conversations_of_request")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["active", "closed", "blocked"])),
                        name="conversations_status_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EarlierMessage",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(), primary_key=True, serialize=False
                    ),
                ),
                ("sender_id", models.UUIDField(null=True)),
                ("recipient_id", models.UUIDField(null=True)),
                ("help_request_id", models.UUIDField(null=True)),
                ("content", models.TextField()),
                (
                    "message_type",
                    models.CharField(
                        choices=[("text", "Text"), ("system", "System"), ("help_request_update", "Update")],
                        db_default="text",
                        max_length=20,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("sent", "Sent"), ("delivered", "Delivered"), ("read", "Read"), ("failed", "Failed")],
                        db_default="sent",
                        max_length=10,
                    ),
                ),
                ("read_at", models.DateTimeField(null=True)),
                ("is_flagged", models.BooleanField(db_default=False)),
                ("flagged_reason", models.TextField(null=True)),
                (
                    "moderation_status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("approved", "Approved"),
                            ("hidden", "Hidden"),
                            ("removed", "Removed"),
                        ],
                        db_default="approved",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="legacy.earlierconversation",
                    ),
                ),
            ],
            options={
                "db_table": "messages",
                "indexes": [models.Index(fields=["conversation", "created_at", "id"], name="v1_messages_by_thread")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("message_type__in", ["text", "system", "help_request_update"])),
                        name="messages_message_type_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["sent", "delivered", "read", "failed"])),
                        name="messages_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("moderation_status__in", ["pending", "approved", "hidden", "removed"])),
                        name="messages_moderation_status_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EarlierParticipant",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "conversation_id", "user_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("user_id", models.UUIDField()),
                ("joined_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("left_at", models.DateTimeField(null=True)),
                ("role", models.CharField(db_default="member", max_length=20)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participants",
                        to="legacy.earlierconversation",
                    ),
                ),
            ],
            options={
                "db_table": "conversation_participants",
                "indexes": [models.Index(fields=["user_id"], name="v1_participants_by_person")],
            },
        ),
    ]
