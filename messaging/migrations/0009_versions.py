"""Conversations of two versions: those of the earlier system stand in tables that inherit ours."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

# A foreign key sees one table; these look into the tables that inherit it, too. Nobody deletes what they look for.
BELONGING = """
CREATE FUNCTION public.plans_belong() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.conversations_v2 WHERE id = NEW.conversation_id) THEN
        RAISE EXCEPTION 'A plan belongs to a conversation.'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'plans_conversation_exists';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.thanks_belong() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.messages_v2 WHERE id = NEW.message_id) THEN
        RAISE EXCEPTION 'Thanks belong to a message.'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'thanks_message_exists';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER plans_belong BEFORE INSERT OR UPDATE OF conversation_id ON public.plans
    FOR EACH ROW EXECUTE FUNCTION public.plans_belong();
CREATE TRIGGER thanks_belong BEFORE INSERT OR UPDATE OF message_id ON public.thanks
    FOR EACH ROW EXECUTE FUNCTION public.thanks_belong();
"""

NOT_BELONGING = """
DROP TRIGGER plans_belong ON public.plans;
DROP TRIGGER thanks_belong ON public.thanks;
DROP FUNCTION public.plans_belong();
DROP FUNCTION public.thanks_belong();
"""

# Of these tables alone: whatever was too long in the earlier system stands in its own.
OURS = """
ALTER TABLE public.conversations_v2
    ADD CONSTRAINT conversations_v2_are_of_version_2 CHECK (version = 2) NO INHERIT,
    ADD CONSTRAINT conversations_v2_own_words_fit CHECK (key_id <> '' OR length(initial_message) <= 1000) NO INHERIT;
ALTER TABLE public.messages_v2
    ADD CONSTRAINT messages_v2_own_words_fit CHECK (key_id <> '' OR length(content) <= 1000) NO INHERIT;
"""

NOT_OURS = """
ALTER TABLE public.conversations_v2
    DROP CONSTRAINT conversations_v2_are_of_version_2, DROP CONSTRAINT conversations_v2_own_words_fit;
ALTER TABLE public.messages_v2 DROP CONSTRAINT messages_v2_own_words_fit;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("help_requests", "0003_moderation"),
        ("messaging", "0008_cautioned"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="conversation",
            name="conversations_v2_has_its_words",
        ),
        migrations.RemoveConstraint(
            model_name="conversation",
            name="conversations_v2_hidden_opening_is_kept_sealed",
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="messages_v2_happening_known",
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="messages_v2_hidden_is_kept_sealed",
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="messages_v2_has_its_words",
        ),
        migrations.AddField(
            model_name="conversation",
            name="helper_left_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="conversation",
            name="opening_v1_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="conversation",
            name="requester_left_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="conversation",
            name="version",
            field=models.PositiveSmallIntegerField(
                choices=[(1, "The earlier system"), (2, "Here")], db_default=2, default=2
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="happening",
            field=models.CharField(
                blank=True,
                choices=[
                    ("offer_accepted", "The offer was accepted."),
                    ("offer_declined", "The offer was declined."),
                    ("offer_withdrawn", "The offer was taken back."),
                    ("offer_renewed", "The offer was made again."),
                    ("offer_expired", "The offer rested, because it was not decided for two weeks."),
                    ("offer_released", "The request has no helper now. The offer is open again."),
                    ("conversation_closed", "The conversation was closed."),
                    ("request_completed", "The request is done."),
                    ("plan_made", "A plan was made."),
                    ("plan_changed", "The plan was changed."),
                    ("plan_agreed", "The plan was agreed."),
                    ("plan_cancelled", "The plan was taken back."),
                    ("earlier_note", "A note of the earlier system."),
                ],
                db_default="",
                default="",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="plan",
            name="conversation",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="plans",
                to="messaging.conversation",
            ),
        ),
        migrations.AlterField(
            model_name="thanks",
            name="message",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="thanks",
                to="messaging.message",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("opening_v1_id__isnull", False)),
                fields=["opening_v1_id"],
                name="conversations_by_v1_opening",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__in", [1, 2])), name="conversations_v2_version_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(
                            ("opening_deleted_at__isnull", False),
                            ("opening_moderation", "hidden"),
                            _connector="OR",
                            _negated=True,
                        ),
                        ("key_id", ""),
                        django.db.models.lookups.GreaterThanOrEqual(
                            django.db.models.functions.text.Length("initial_message"), 10
                        ),
                        django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length("initial_message"), 1000
                        ),
                    ),
                    models.Q(
                        models.Q(
                            ("opening_deleted_at__isnull", False),
                            ("opening_moderation", "hidden"),
                            _connector="OR",
                            _negated=True,
                        ),
                        models.Q(("key_id", ""), _negated=True),
                        django.db.models.lookups.GreaterThanOrEqual(
                            django.db.models.functions.text.Length("initial_message"), 1
                        ),
                    ),
                    models.Q(
                        models.Q(
                            ("opening_deleted_at__isnull", False), ("opening_moderation", "hidden"), _connector="OR"
                        ),
                        ("key_id", ""),
                        ("initial_message", ""),
                    ),
                    models.Q(
                        ("origin", "v1"),
                        models.Q(
                            models.Q(
                                models.Q(
                                    ("opening_deleted_at__isnull", False),
                                    ("opening_moderation", "hidden"),
                                    _connector="OR",
                                    _negated=True,
                                ),
                                ("key_id", ""),
                                django.db.models.lookups.GreaterThanOrEqual(
                                    django.db.models.functions.text.Length("initial_message"), 1
                                ),
                            ),
                            models.Q(
                                models.Q(
                                    ("opening_deleted_at__isnull", False),
                                    ("opening_moderation", "hidden"),
                                    _connector="OR",
                                    _negated=True,
                                ),
                                models.Q(("key_id", ""), _negated=True),
                                django.db.models.lookups.GreaterThanOrEqual(
                                    django.db.models.functions.text.Length("initial_message"), 1
                                ),
                            ),
                            models.Q(
                                models.Q(
                                    ("opening_deleted_at__isnull", False),
                                    ("opening_moderation", "hidden"),
                                    _connector="OR",
                                ),
                                ("key_id", ""),
                                ("initial_message", ""),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="conversations_v2_has_its_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("opening_deleted_at__isnull", True),
                        ("opening_moderation", "hidden"),
                        models.Q(("opening_hidden", ""), _negated=True),
                        models.Q(("opening_hidden_key_id", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("opening_deleted_at__isnull", True), ("opening_moderation", "hidden"), _negated=True),
                        ("opening_hidden", ""),
                        ("opening_hidden_key_id", ""),
                    ),
                    models.Q(("origin", "v1"), ("opening_hidden", ""), ("opening_hidden_key_id", "")),
                    _connector="OR",
                ),
                name="conversations_v2_hidden_opening_is_kept_sealed",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("deleted_at__isnull", True),
                        ("moderation", "hidden"),
                        models.Q(("hidden", ""), _negated=True),
                        models.Q(("hidden_key_id", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("deleted_at__isnull", True), ("moderation", "hidden"), _negated=True),
                        ("hidden", ""),
                        ("hidden_key_id", ""),
                    ),
                    models.Q(("origin", "v1"), ("hidden", ""), ("hidden_key_id", "")),
                    _connector="OR",
                ),
                name="messages_v2_hidden_is_kept_sealed",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(
                            ("deleted_at__isnull", False), ("moderation", "hidden"), _connector="OR", _negated=True
                        ),
                        ("key_id", ""),
                        django.db.models.lookups.GreaterThanOrEqual(
                            django.db.models.functions.text.Length("content"), 1
                        ),
                        django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length("content"), 1000
                        ),
                    ),
                    models.Q(
                        models.Q(
                            ("deleted_at__isnull", False), ("moderation", "hidden"), _connector="OR", _negated=True
                        ),
                        models.Q(("key_id", ""), _negated=True),
                        django.db.models.lookups.GreaterThanOrEqual(
                            django.db.models.functions.text.Length("content"), 1
                        ),
                    ),
                    models.Q(
                        models.Q(("deleted_at__isnull", False), ("moderation", "hidden"), _connector="OR"),
                        ("key_id", ""),
                        ("content", ""),
                    ),
                    models.Q(
                        ("origin", "v1"),
                        models.Q(
                            models.Q(
                                models.Q(
                                    ("deleted_at__isnull", False),
                                    ("moderation", "hidden"),
                                    _connector="OR",
                                    _negated=True,
                                ),
                                ("key_id", ""),
                                django.db.models.lookups.GreaterThanOrEqual(
                                    django.db.models.functions.text.Length("content"), 1
                                ),
                            ),
                            models.Q(
                                models.Q(
                                    ("deleted_at__isnull", False),
                                    ("moderation", "hidden"),
                                    _connector="OR",
                                    _negated=True,
                                ),
                                models.Q(("key_id", ""), _negated=True),
                                django.db.models.lookups.GreaterThanOrEqual(
                                    django.db.models.functions.text.Length("content"), 1
                                ),
                            ),
                            models.Q(
                                models.Q(("deleted_at__isnull", False), ("moderation", "hidden"), _connector="OR"),
                                ("key_id", ""),
                                ("content", ""),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="messages_v2_has_its_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "happening__in",
                        [
                            "",
                            "offer_accepted",
                            "offer_declined",
                            "offer_withdrawn",
                            "offer_renewed",
                            "offer_expired",
                            "offer_released",
                            "conversation_closed",
                            "request_completed",
                            "plan_made",
                            "plan_changed",
                            "plan_agreed",
                            "plan_cancelled",
                            "earlier_note",
                        ],
                    )
                ),
                name="messages_v2_happening_known",
            ),
        ),
        migrations.RunSQL(BELONGING, NOT_BELONGING),
        migrations.RunSQL(OURS, NOT_OURS),
    ]
