"""How the earlier system ends: what was moved is protected, its tables take nothing more, and then they go."""

from importlib import import_module

from django.db import migrations, models

# Whatever writes there holds this until it is done, so a closing waits for it, and it for the closing.
CLOSED = """
INSERT INTO public.legacy_ending (id) VALUES (1);

CREATE FUNCTION public.legacy_is_closed() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('legacy_ending', 0));
    -- A transaction that sees only what was there when it began is refused where V1 was closed since.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM FROM public.legacy_ending FOR SHARE;
    END IF;
    RETURN EXISTS (SELECT FROM public.legacy_ending WHERE closed_at IS NOT NULL);
END $$;

CREATE FUNCTION public.legacy_take_nothing() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF public.legacy_is_closed() THEN
        RAISE EXCEPTION 'The earlier system is closed: nothing is written there any more.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'earlier_system_is_closed';
    END IF;
    RETURN NULL;
END $$;

-- Words may always be taken away: by whoever wrote them, by a moderator, with an account.
CREATE FUNCTION public.legacy_only_take_away() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    is_now jsonb := to_jsonb(NEW);
    may_go text[] := ARRAY['content', 'title', 'deleted_at', 'moderation_status', 'updated_at'];
    is_gone boolean := coalesce(is_now ->> 'content' IN ('', '[protected]'), false);
BEGIN
    IF NOT public.legacy_is_closed() OR (
        is_now - may_go = was - may_go
        AND (is_gone OR is_now -> 'content' IS NOT DISTINCT FROM was -> 'content')
        AND (coalesce(is_now ->> 'title', '') = '' OR is_now -> 'title' IS NOT DISTINCT FROM was -> 'title')
        AND (was ->> 'deleted_at' IS NULL OR is_now -> 'deleted_at' IS NOT DISTINCT FROM was -> 'deleted_at')
        AND (is_gone OR is_now ->> 'moderation_status' IN ('hidden', 'removed')
             OR is_now -> 'moderation_status' IS NOT DISTINCT FROM was -> 'moderation_status')
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The earlier system is closed: nothing is written there any more.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'earlier_system_is_closed';
END $$;

CREATE TRIGGER legacy_take_nothing BEFORE INSERT OR DELETE OR TRUNCATE ON public.conversations
    FOR EACH STATEMENT EXECUTE FUNCTION public.legacy_take_nothing();
CREATE TRIGGER legacy_take_nothing BEFORE INSERT OR DELETE OR TRUNCATE ON public.conversation_participants
    FOR EACH STATEMENT EXECUTE FUNCTION public.legacy_take_nothing();
CREATE TRIGGER legacy_take_nothing BEFORE INSERT OR DELETE OR TRUNCATE ON public.messages
    FOR EACH STATEMENT EXECUTE FUNCTION public.legacy_take_nothing();
CREATE TRIGGER legacy_only_take_away BEFORE UPDATE ON public.conversations
    FOR EACH ROW EXECUTE FUNCTION public.legacy_only_take_away();
CREATE TRIGGER legacy_only_take_away BEFORE UPDATE ON public.conversation_participants
    FOR EACH ROW EXECUTE FUNCTION public.legacy_only_take_away();
CREATE TRIGGER legacy_only_take_away BEFORE UPDATE ON public.messages
    FOR EACH ROW EXECUTE FUNCTION public.legacy_only_take_away();

-- A chat that stayed has ended, whoever would begin it again: a decision taken back, words that are let through.
CREATE FUNCTION public.legacy_stay_closed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- What begins while it is being closed is found by the closing itself.
    IF NOT EXISTS (SELECT FROM public.legacy_ending WHERE began_at IS NOT NULL) THEN
        RETURN NEW;
    END IF;
    IF public.legacy_is_closed() THEN
        NEW.status := 'closed';
        IF TG_OP = 'UPDATE' THEN
            NEW.closed_at := coalesce(OLD.closed_at, clock_timestamp());
            NEW.closed_by_id := OLD.closed_by_id;
        ELSE
            NEW.closed_at := (SELECT began_at FROM public.legacy_ending);
        END IF;
    END IF;
    RETURN NEW;
END $$;
-- Somebody who was missing may be there now.
CREATE TRIGGER legacy_begin_closed BEFORE INSERT ON public.legacy_conversations
    FOR EACH ROW WHEN (NEW.status = 'active') EXECUTE FUNCTION public.legacy_stay_closed();
CREATE TRIGGER legacy_stay_closed BEFORE UPDATE OF status ON public.legacy_conversations
    FOR EACH ROW WHEN (NEW.status = 'active' AND OLD.status <> 'active')
    EXECUTE FUNCTION public.legacy_stay_closed();

-- What is moved after all goes on, because nothing but the closing had ended it.
CREATE FUNCTION public.legacy_goes_on() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended_at timestamptz := (SELECT began_at FROM public.legacy_ending);
BEGIN
    IF ended_at IS NOT NULL THEN
        UPDATE public.conversations_v2 SET status = 'active', closed_at = NULL
        WHERE id IN (SELECT into_id FROM fresh) AND version = 2 AND status = 'closed' AND closed_at = ended_at
          AND closed_by_id IS NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER legacy_goes_on_when_moved AFTER INSERT ON public.legacy_moves REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.legacy_goes_on();
CREATE TRIGGER legacy_goes_on_when_moved_later AFTER UPDATE ON public.legacy_moves REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.legacy_goes_on();

CREATE FUNCTION public.legacy_take_away(said uuid, gone_at timestamptz, key_id text, moderation text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.messages SET
        content = CASE WHEN gone_at IS NOT NULL THEN '' WHEN key_id <> '' OR moderation = 'hidden' THEN '[protected]'
            ELSE content END,
        deleted_at = coalesce(deleted_at, gone_at), moderation_status = public.legacy_verdict(moderation),
        updated_at = clock_timestamp()
    WHERE id = said AND (gone_at IS NOT NULL OR key_id <> '' OR moderation IN ('hidden', 'refused'))
$$;

-- Of all three tables, so that a later write there shows. In one spelling, whoever asks.
CREATE FUNCTION public.legacy_v1_digest() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
SET TimeZone = 'UTC' SET DateStyle = 'ISO, MDY' AS $$
    SELECT encode(sha256(
        (SELECT coalesce(string_agg(sha256(convert_to(it::text, 'UTF8')), '' ORDER BY id), '')
         FROM public.conversations AS it)
        || '|' || (SELECT coalesce(string_agg(sha256(convert_to(it::text, 'UTF8')), '' ORDER BY conversation_id, user_id),
                                   '') FROM public.conversation_participants AS it)
        || '|' || (SELECT coalesce(string_agg(sha256(convert_to(it::text, 'UTF8')), '' ORDER BY id), '')
                   FROM public.messages AS it)
    ), 'hex')
$$;
"""

OPEN = """
DROP TRIGGER legacy_goes_on_when_moved ON public.legacy_moves;
DROP TRIGGER legacy_goes_on_when_moved_later ON public.legacy_moves;
DROP TRIGGER legacy_stay_closed ON public.legacy_conversations;
DROP TRIGGER legacy_begin_closed ON public.legacy_conversations;
DROP TRIGGER legacy_take_nothing ON public.conversations;
DROP TRIGGER legacy_take_nothing ON public.conversation_participants;
DROP TRIGGER legacy_take_nothing ON public.messages;
DROP TRIGGER legacy_only_take_away ON public.conversations;
DROP TRIGGER legacy_only_take_away ON public.conversation_participants;
DROP TRIGGER legacy_only_take_away ON public.messages;
DROP FUNCTION public.legacy_v1_digest();
DROP FUNCTION public.legacy_take_away(uuid, timestamptz, text, text);
DROP FUNCTION public.legacy_goes_on();
DROP FUNCTION public.legacy_stay_closed();
DROP FUNCTION public.legacy_only_take_away();
DROP FUNCTION public.legacy_take_nothing();
DROP FUNCTION public.legacy_is_closed();
"""

# From side rows to V1: once that is closed only what takes words away goes there, and lines of the site stay here.
written = import_module("legacy.migrations.0004_written_in_both")


def _of(name: str) -> str:
    """As 0004 makes it, to be made anew."""
    made = next(part for part in written.FORWARD.split("CREATE FUNCTION ") if part.startswith(f"public.{name}("))
    return "CREATE OR REPLACE FUNCTION " + made.partition("END $$;")[0] + "END $$;\n"


LINES_STAY = """BEGIN
    IF NEW.type = 'system' AND public.legacy_is_closed() THEN
        RETURN NULL;
    END IF;
"""
ONLY_OPENINGS_GO = """BEGIN
    IF public.legacy_is_closed() THEN
        IF (NEW.initial_message, NEW.key_id, NEW.opening_moderation)
               IS DISTINCT FROM (OLD.initial_message, OLD.key_id, OLD.opening_moderation)
           OR NEW.opening_deleted_at IS DISTINCT FROM OLD.opening_deleted_at THEN
            PERFORM public.legacy_take_away(coalesce(NEW.opening_v1_id, NEW.id), NEW.opening_deleted_at, NEW.key_id,
                                            NEW.opening_moderation);
        END IF;
        RETURN NULL;
    END IF;
"""
ONLY_WORDS_GO = """BEGIN
    IF public.legacy_is_closed() THEN
        PERFORM public.legacy_take_away(NEW.id, NEW.deleted_at, NEW.key_id, NEW.moderation);
        RETURN NULL;
    END IF;
"""
CHANGED = {
    "legacy_write_message": LINES_STAY,
    "legacy_move_conversation": ONLY_OPENINGS_GO,
    "legacy_change_message": ONLY_WORDS_GO,
}
NOT_WHEN_CLOSED = "".join(_of(name).replace("BEGIN\n", begins, 1) for name, begins in CHANGED.items())
WHENEVER = "".join(_of(name) for name in CHANGED)


class Migration(migrations.Migration):
    dependencies = [("legacy", "0009_reversing")]

    operations = [
        migrations.AddField("move", "protected_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "move",
            models.Index(
                condition=models.Q(("into_id__isnull", False), ("protected_at__isnull", True)),
                fields=["into_id"],
                name="legacy_moves_unscreened",
            ),
        ),
        migrations.AddField("run", "v1_digest", models.CharField(db_default="", default="", max_length=64)),
        migrations.CreateModel(
            name="Ending",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("began_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("by", models.CharField(db_default="", default="", max_length=100)),
                ("why", models.CharField(db_default="", default="", max_length=300)),
            ],
            options={"db_table": "legacy_ending"},
        ),
        migrations.AddConstraint(
            "ending", models.CheckConstraint(condition=models.Q(("id", 1)), name="legacy_ending_is_one")
        ),
        migrations.AddConstraint(
            "ending",
            models.CheckConstraint(
                condition=models.Q(("closed_at__isnull", True), ("began_at__isnull", False), _connector="OR"),
                name="legacy_ending_begins_before_it_ends",
            ),
        ),
        migrations.RunSQL(CLOSED, OPEN),
        migrations.RunSQL(NOT_WHEN_CLOSED, WHENEVER),
    ]
