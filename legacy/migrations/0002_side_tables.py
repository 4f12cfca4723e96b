"""The side tables: they inherit those of messaging, so what reads or moves a conversation there does so here."""

from django.db import migrations, models

FORWARD = """
-- A table that inherits has the columns, defaults and checks of the other, and none of its keys and indexes.
CREATE TABLE public.legacy_conversations (
    PRIMARY KEY (id),
    CONSTRAINT legacy_conversations_are_of_version_1 CHECK (version = 1),
    FOREIGN KEY (help_request_id) REFERENCES public.help_requests DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (requester_id) REFERENCES public.members DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (helper_id) REFERENCES public.members DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (opening_sender_id) REFERENCES public.members DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (closed_by_id) REFERENCES public.members DEFERRABLE INITIALLY DEFERRED
) INHERITS (public.conversations_v2);
ALTER TABLE public.legacy_conversations ALTER version SET DEFAULT 1;
CREATE INDEX legacy_conversations_of_request ON public.legacy_conversations (help_request_id, helper_id);
CREATE INDEX legacy_conversations_of_requester
    ON public.legacy_conversations (requester_id, last_message_at DESC, id DESC);
CREATE INDEX legacy_conversations_of_helper
    ON public.legacy_conversations (helper_id, last_message_at DESC, id DESC);
CREATE INDEX legacy_conversations_waiting
    ON public.legacy_conversations (offered_at) WHERE offer_state = 'offered';
CREATE INDEX legacy_conversations_by_v1_opening
    ON public.legacy_conversations (opening_v1_id) WHERE opening_v1_id IS NOT NULL;
CREATE UNIQUE INDEX legacy_unique_accepted_offer
    ON public.legacy_conversations (help_request_id) WHERE offer_state = 'accepted';
CREATE UNIQUE INDEX legacy_unique_conversation_client_id
    ON public.legacy_conversations (helper_id, client_id) WHERE client_id <> '';
-- In the earlier system one pair could have several; what is started now has none beside it.
CREATE UNIQUE INDEX legacy_unique_help_request_helper
    ON public.legacy_conversations (help_request_id, helper_id) WHERE origin = 'v2';
CREATE UNIQUE INDEX legacy_unique_direct_pair
    ON public.legacy_conversations (least(requester_id, helper_id), greatest(requester_id, helper_id))
    WHERE kind = 'direct' AND origin = 'v2';
CREATE INDEX legacy_conversations_direct
    ON public.legacy_conversations (least(requester_id, helper_id), greatest(requester_id, helper_id))
    WHERE kind = 'direct';

CREATE TABLE public.legacy_messages (
    PRIMARY KEY (id),
    CONSTRAINT legacy_unique_message_sequence UNIQUE (conversation_id, sequence),
    FOREIGN KEY (conversation_id) REFERENCES public.legacy_conversations DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (sender_id) REFERENCES public.members DEFERRABLE INITIALLY DEFERRED
) INHERITS (public.messages_v2);
CREATE UNIQUE INDEX legacy_unique_message_client_id
    ON public.legacy_messages (sender_id, client_id) WHERE client_id <> '';
CREATE INDEX legacy_messages_cautioned ON public.legacy_messages (created_at) WHERE caution <> '';

-- What stood here before messaging was taken back.
DO $$
DECLARE
    side text;
    columns text;
BEGIN
    FOREACH side IN ARRAY ARRAY['legacy_conversations', 'legacy_messages'] LOOP
        CONTINUE WHEN to_regclass('public.' || side || '_kept') IS NULL;
        SELECT string_agg(quote_ident(kept.attname), ', ') INTO columns
        FROM pg_attribute AS kept JOIN pg_attribute AS here
            ON here.attname = kept.attname AND here.attrelid = to_regclass('public.' || side)
        WHERE kept.attrelid = to_regclass('public.' || side || '_kept') AND kept.attnum > 0
          AND NOT kept.attisdropped AND NOT here.attisdropped;
        EXECUTE format('INSERT INTO public.%1$I (%2$s) SELECT %2$s FROM public.%3$I', side, columns, side || '_kept');
        EXECUTE format('DROP TABLE public.%I', side || '_kept');
    END LOOP;
END $$;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;

CREATE TRIGGER legacy_conversations_only_forward BEFORE UPDATE ON public.legacy_conversations
    FOR EACH ROW EXECUTE FUNCTION public.conversations_v2_only_forward();
CREATE TRIGGER legacy_conversations_not_restricted BEFORE INSERT ON public.legacy_conversations
    FOR EACH ROW WHEN (NEW.origin = 'v2')
    EXECUTE FUNCTION public.conversations_v2_not_restricted();
CREATE TRIGGER legacy_conversations_edit_not_restricted BEFORE UPDATE OF opening_edited_at
    ON public.legacy_conversations
    FOR EACH ROW WHEN (NEW.opening_edited_at IS DISTINCT FROM OLD.opening_edited_at)
    EXECUTE FUNCTION public.conversations_v2_not_restricted();
CREATE TRIGGER legacy_messages_sender BEFORE INSERT ON public.legacy_messages
    FOR EACH ROW EXECUTE FUNCTION public.messages_v2_sender();
CREATE TRIGGER legacy_messages_stay BEFORE UPDATE ON public.legacy_messages
    FOR EACH ROW EXECUTE FUNCTION public.messages_v2_stay();
CREATE TRIGGER legacy_messages_not_restricted BEFORE INSERT ON public.legacy_messages
    FOR EACH ROW WHEN (NEW.type <> 'system' AND NEW.origin = 'v2')
    EXECUTE FUNCTION public.messages_v2_not_restricted();
CREATE TRIGGER legacy_messages_edit_not_restricted BEFORE UPDATE OF edited_at ON public.legacy_messages
    FOR EACH ROW WHEN (NEW.edited_at IS DISTINCT FROM OLD.edited_at)
    EXECUTE FUNCTION public.messages_v2_not_restricted();
"""

BACKWARD = """
-- Sealed words, offers and positions stand nowhere else.
CREATE TABLE public.legacy_conversations_kept AS TABLE public.legacy_conversations;
CREATE TABLE public.legacy_messages_kept AS TABLE public.legacy_messages;
DROP TABLE public.legacy_messages, public.legacy_conversations;
"""

# No index reaches over two tables. Who starts a conversation looks for one of either version first (writing.OPEN); this
# holds for everybody else, and whatever happens at once. The lock stands before the look.
ONE_FOR_EACH_PAIR = """
CREATE FUNCTION public.legacy_one_for_each_pair() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    one uuid := least(NEW.requester_id, NEW.helper_id);
    other uuid := greatest(NEW.requester_id, NEW.helper_id);
    twice text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(one::text || other::text, 0));
    -- What stands in our own table, its constraints refuse; so do those of the other, but for what was brought over.
    IF NEW.kind = 'help' THEN
        SELECT 'unique_help_request_helper' INTO twice FROM public.conversations_v2
        WHERE help_request_id = NEW.help_request_id AND helper_id = NEW.helper_id
          AND (version <> NEW.version OR origin = 'v1') LIMIT 1;
    ELSE
        SELECT 'unique_direct_pair' INTO twice FROM public.conversations_v2
        WHERE kind = 'direct' AND least(requester_id, helper_id) = one AND greatest(requester_id, helper_id) = other
          AND (version <> NEW.version OR origin = 'v1') LIMIT 1;
    END IF;
    IF twice IS NOT NULL THEN
        RAISE EXCEPTION 'The two have a conversation of the other version.'
            USING ERRCODE = 'unique_violation', CONSTRAINT = twice;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER legacy_one_for_each_pair BEFORE INSERT ON public.conversations_v2
    FOR EACH ROW WHEN (NEW.origin = 'v2') EXECUTE FUNCTION public.legacy_one_for_each_pair();
CREATE TRIGGER legacy_one_for_each_pair BEFORE INSERT ON public.legacy_conversations
    FOR EACH ROW WHEN (NEW.origin = 'v2') EXECUTE FUNCTION public.legacy_one_for_each_pair();
"""

AS_MANY_AS_THEY_LIKE = """
DROP TRIGGER legacy_one_for_each_pair ON public.conversations_v2;
DROP TRIGGER legacy_one_for_each_pair ON public.legacy_conversations;
DROP FUNCTION public.legacy_one_for_each_pair();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("legacy", "0001_tables_of_the_earlier_system"),
        ("messaging", "0009_versions"),
    ]

    operations = [
        migrations.CreateModel(
            name="SideConversation",
            fields=[("id", models.UUIDField(primary_key=True, serialize=False))],
            options={"db_table": "legacy_conversations", "managed": False},
        ),
        migrations.CreateModel(
            name="SideMessage",
            fields=[("id", models.UUIDField(primary_key=True, serialize=False))],
            options={"db_table": "legacy_messages", "managed": False},
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunSQL(ONE_FOR_EACH_PAIR, AS_MANY_AS_THEY_LIKE),
    ]
