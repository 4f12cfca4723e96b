"""From the side tables to the earlier ones: whatever is said or done is in both, or in neither."""

from django.db import migrations

# Sealed and hidden words stand in the side table alone.
FORWARD = """
CREATE FUNCTION public.legacy_clear(words text, key_id text, is_hidden boolean, is_deleted boolean) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN is_deleted THEN '' WHEN is_hidden OR key_id <> '' THEN '[protected]' ELSE words END
$$;

CREATE FUNCTION public.legacy_verdict(moderation text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE moderation WHEN 'held' THEN 'pending' WHEN 'refused' THEN 'removed' WHEN 'hidden' THEN 'hidden'
        ELSE 'approved' END
$$;

CREATE FUNCTION public.legacy_write_conversation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.conversations
        (id, help_request_id, created_by, status, created_at, updated_at, last_message_at)
    VALUES (NEW.id, NEW.help_request_id, NEW.helper_id, 'active', NEW.created_at, NEW.updated_at, NEW.last_message_at);
    INSERT INTO public.conversation_participants (conversation_id, user_id, joined_at, role)
    VALUES (NEW.id, NEW.helper_id, NEW.created_at, 'helper'), (NEW.id, NEW.requester_id, NEW.created_at, 'requester');
    INSERT INTO public.messages
        (id, conversation_id, sender_id, recipient_id, help_request_id, content, moderation_status, created_at,
         updated_at)
    VALUES (NEW.id, NEW.id, NEW.helper_id, NEW.requester_id, NEW.help_request_id,
            public.legacy_clear(NEW.initial_message, NEW.key_id, NEW.opening_moderation = 'hidden', false),
            public.legacy_verdict(NEW.opening_moderation), NEW.created_at, NEW.updated_at);
    RETURN NULL;
END $$;

CREATE FUNCTION public.legacy_move_conversation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.conversations SET
        created_at = CASE WHEN NEW.created_at <> OLD.created_at THEN NEW.created_at ELSE created_at END,
        updated_at = NEW.updated_at, last_message_at = NEW.last_message_at,
        status = CASE WHEN NEW.status <> 'closed' THEN 'active' WHEN status = 'active' THEN 'closed' ELSE status END
    WHERE id = NEW.id AND (NEW.created_at, NEW.updated_at, NEW.last_message_at, NEW.status)
        IS DISTINCT FROM (OLD.created_at, OLD.updated_at, OLD.last_message_at, OLD.status)
      -- Somebody of that system who moves this row, and then says something, waits for us: a moment is not worth that
      -- we wait for them, too.
      AND ((NEW.created_at, NEW.status) IS DISTINCT FROM (OLD.created_at, OLD.status) OR id IN (
          SELECT thread.id FROM public.conversations AS thread WHERE thread.id = NEW.id
          FOR NO KEY UPDATE SKIP LOCKED));
    IF (NEW.initial_message, NEW.key_id, NEW.opening_moderation, NEW.created_at) IS DISTINCT FROM
       (OLD.initial_message, OLD.key_id, OLD.opening_moderation, OLD.created_at)
       OR NEW.opening_deleted_at IS DISTINCT FROM OLD.opening_deleted_at THEN
        UPDATE public.messages SET
            content = public.legacy_clear(NEW.initial_message, NEW.key_id, NEW.opening_moderation = 'hidden',
                                          NEW.opening_deleted_at IS NOT NULL),
            moderation_status = public.legacy_verdict(NEW.opening_moderation),
            created_at = NEW.created_at, deleted_at = NEW.opening_deleted_at, updated_at = NEW.updated_at
        WHERE id = coalesce(NEW.opening_v1_id, NEW.id);
    END IF;
    PERFORM public.legacy_mark(NEW.id, NEW.helper_id, OLD.requester_delivered, NEW.requester_delivered, 'delivered');
    PERFORM public.legacy_mark(NEW.id, NEW.helper_id, OLD.requester_read, NEW.requester_read, 'read');
    PERFORM public.legacy_mark(NEW.id, NEW.requester_id, OLD.helper_delivered, NEW.helper_delivered, 'delivered');
    PERFORM public.legacy_mark(NEW.id, NEW.requester_id, OLD.helper_read, NEW.helper_read, 'read');
    RETURN NULL;
END $$;

CREATE FUNCTION public.legacy_mark(thread uuid, writer uuid, beyond integer, upto integer, state text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF upto > beyond THEN
        UPDATE public.messages SET
            status = state, read_at = CASE WHEN state = 'read' THEN clock_timestamp() ELSE read_at END
        WHERE sender_id = writer AND read_at IS NULL AND id IN (
            SELECT said.id FROM public.legacy_messages AS said
            WHERE said.conversation_id = thread AND said.sequence > beyond AND said.sequence <= upto
            UNION ALL
            SELECT coalesce(side.opening_v1_id, side.id) FROM public.legacy_conversations AS side
            WHERE side.id = thread AND beyond < 1
        );
    END IF;
END $$;

CREATE FUNCTION public.legacy_write_message() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.messages
        (id, conversation_id, sender_id, recipient_id, help_request_id, content, message_type, moderation_status,
         created_at, updated_at)
    SELECT NEW.id, NEW.conversation_id, NEW.sender_id,
           CASE NEW.sender_id WHEN thread.requester_id THEN thread.helper_id WHEN thread.helper_id
               THEN thread.requester_id END,
           thread.help_request_id, public.legacy_clear(NEW.content, NEW.key_id, NEW.moderation = 'hidden', false),
           CASE WHEN NEW.type = 'system' THEN 'help_request_update' ELSE 'text' END,
           public.legacy_verdict(NEW.moderation), NEW.created_at, NEW.updated_at
    FROM public.legacy_conversations AS thread WHERE thread.id = NEW.conversation_id;
    RETURN NULL;
END $$;

CREATE FUNCTION public.legacy_change_message() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.messages SET
        content = public.legacy_clear(NEW.content, NEW.key_id, NEW.moderation = 'hidden', NEW.deleted_at IS NOT NULL),
        moderation_status = public.legacy_verdict(NEW.moderation), created_at = NEW.created_at,
        deleted_at = NEW.deleted_at, updated_at = NEW.updated_at
    WHERE id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER legacy_write_conversation AFTER INSERT ON public.legacy_conversations
    FOR EACH ROW WHEN (current_setting('legacy.is_adopting', true) IS DISTINCT FROM 'yes')
    EXECUTE FUNCTION public.legacy_write_conversation();
CREATE TRIGGER legacy_move_conversation AFTER UPDATE ON public.legacy_conversations
    FOR EACH ROW WHEN (current_setting('legacy.is_adopting', true) IS DISTINCT FROM 'yes')
    EXECUTE FUNCTION public.legacy_move_conversation();
CREATE TRIGGER legacy_write_message AFTER INSERT ON public.legacy_messages
    FOR EACH ROW WHEN (current_setting('legacy.is_adopting', true) IS DISTINCT FROM 'yes')
    EXECUTE FUNCTION public.legacy_write_message();
CREATE TRIGGER legacy_change_message AFTER UPDATE ON public.legacy_messages
    FOR EACH ROW WHEN (current_setting('legacy.is_adopting', true) IS DISTINCT FROM 'yes' AND (
        (NEW.content, NEW.key_id, NEW.moderation, NEW.created_at)
            IS DISTINCT FROM (OLD.content, OLD.key_id, OLD.moderation, OLD.created_at)
        OR NEW.deleted_at IS DISTINCT FROM OLD.deleted_at))
    EXECUTE FUNCTION public.legacy_change_message();
"""

BACKWARD = """
DROP TRIGGER legacy_write_conversation ON public.legacy_conversations;
DROP TRIGGER legacy_move_conversation ON public.legacy_conversations;
DROP TRIGGER legacy_write_message ON public.legacy_messages;
DROP TRIGGER legacy_change_message ON public.legacy_messages;
DROP FUNCTION public.legacy_change_message();
DROP FUNCTION public.legacy_write_message();
DROP FUNCTION public.legacy_move_conversation();
DROP FUNCTION public.legacy_mark(uuid, uuid, integer, integer, text);
DROP FUNCTION public.legacy_write_conversation();
DROP FUNCTION public.legacy_verdict(text);
DROP FUNCTION public.legacy_clear(text, text, boolean, boolean);
"""


class Migration(migrations.Migration):
    dependencies = [("legacy", "0003_made_when_first_needed")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
