"""From the earlier tables to the side tables: their rows are made as soon as there is something to read."""

from django.db import migrations

# A conversation has a side row once somebody of its two has said something in it. One without words has none, so
# nothing finds it: neither an inbox nor whoever looks for a second one of the same pair.
ADOPT = """
CREATE FUNCTION public.legacy_adopt(ids uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- What is made here stands in the earlier tables already (0004).
    PERFORM set_config('legacy.is_adopting', 'yes', true);
    PERFORM FROM public.legacy_conversations WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM public.conversations WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;

    WITH found AS (
        SELECT thread.id, thread.status, thread.updated_at, request.id AS request, asker.user_id AS asker,
               helper.user_id AS helper, asker.left_at AS asker_left_at, helper.left_at AS helper_left_at,
               first.id AS opening, first.sender_id, first.content, first.created_at, first.deleted_at,
               first.moderation_status IN ('hidden', 'removed') AND first.deleted_at IS NULL AS is_hidden,
               request.helper_id = helper.user_id AND request.status IN ('in_progress', 'completed') AS is_chosen,
               request.status NOT IN ('open', 'in_progress') OR coalesce(request.expires_at <= now(), false)
                   OR first.created_at < now() - interval '14 days' AS is_old,
               row_number() OVER (PARTITION BY request.id, helper.user_id ORDER BY first.created_at, thread.id) AS nth
        FROM public.conversations AS thread
        LEFT JOIN public.help_requests AS request ON request.id = thread.help_request_id
        -- Who asked owns the request; without one it is whoever did not begin. Only those who were in it read it.
        CROSS JOIN LATERAL (
            SELECT person.* FROM public.conversation_participants AS person
            JOIN public.members AS member ON member.id = person.user_id
            WHERE person.conversation_id = thread.id AND person.user_id IS DISTINCT FROM request.requester_id
            ORDER BY person.user_id IS NOT DISTINCT FROM thread.created_by DESC, person.joined_at, person.user_id
            LIMIT 1
        ) AS helper
        CROSS JOIN LATERAL (
            SELECT person.* FROM public.conversation_participants AS person
            JOIN public.members AS member ON member.id = person.user_id
            WHERE person.conversation_id = thread.id AND person.user_id <> helper.user_id
              AND (request.id IS NULL OR person.user_id = request.requester_id)
            ORDER BY person.joined_at, person.user_id
            LIMIT 1
        ) AS asker
        CROSS JOIN LATERAL (
            SELECT * FROM public.messages AS said
            WHERE said.conversation_id = thread.id AND said.message_type = 'text'
              AND said.sender_id IN (asker.user_id, helper.user_id)
              AND (said.content ~ '\\S' OR said.deleted_at IS NOT NULL)
            ORDER BY said.created_at, said.id
            LIMIT 1
        ) AS first
        WHERE thread.id = ANY (ids) AND NOT EXISTS (SELECT FROM public.conversations_v2 WHERE id = thread.id)
    ), decided AS (
        SELECT *, CASE WHEN request IS NULL THEN NULL
            WHEN is_chosen AND nth = 1 AND NOT EXISTS (
                SELECT FROM public.conversations_v2 WHERE help_request_id = request AND offer_state = 'accepted'
            ) THEN 'accepted'
            WHEN is_old THEN 'expired' ELSE 'offered' END AS state,
            CASE WHEN status <> 'active' THEN updated_at
                ELSE coalesce(least(asker_left_at, helper_left_at), asker_left_at, helper_left_at) END AS ended_at
        FROM found
    )
    INSERT INTO public.legacy_conversations (
        id, kind, help_request_id, requester_id, helper_id, opening_sender_id, opening_v1_id, initial_message,
        opening_digest, opening_deleted_at, opening_moderation, origin, status, closed_at, requester_left_at,
        helper_left_at, offer_state, offered_at, accepted_at, expired_at, requester_unread, last_message_at,
        created_at, updated_at
    )
    SELECT id, CASE WHEN request IS NULL THEN 'direct' ELSE 'help' END, request, asker, helper, sender_id, opening,
           CASE WHEN deleted_at IS NULL AND NOT is_hidden THEN content ELSE '' END,
           encode(sha256(convert_to(content, 'UTF8')), 'hex'), deleted_at,
           CASE WHEN is_hidden THEN 'hidden' ELSE '' END, 'v1',
           CASE WHEN ended_at IS NULL THEN 'active' ELSE 'closed' END, ended_at, asker_left_at, helper_left_at,
           state, CASE WHEN state = 'offered' THEN now() WHEN state IS NOT NULL THEN created_at END,
           CASE WHEN state = 'accepted' THEN created_at END, CASE WHEN state = 'expired' THEN now() END,
           0, created_at, created_at, updated_at
    FROM decided;

    -- Whatever stands there and has no place yet, in the order it was said. A line of that system itself, and the words
    -- of a third person or of somebody who is gone, are notes: they are nobody's of the two.
    INSERT INTO public.legacy_messages (
        id, conversation_id, sender_id, sequence, type, happening, content, digest, deleted_at, moderation, origin,
        created_at, updated_at
    )
    SELECT said.id, thread.id, CASE WHEN is_theirs THEN said.sender_id END,
           thread.last_sequence + row_number() OVER (PARTITION BY thread.id ORDER BY said.created_at, said.id),
           CASE WHEN is_theirs THEN 'standard' ELSE 'system' END, CASE WHEN is_theirs THEN '' ELSE 'earlier_note' END,
           CASE WHEN said.deleted_at IS NULL AND NOT is_hidden THEN said.content ELSE '' END,
           encode(sha256(convert_to(said.content, 'UTF8')), 'hex'), said.deleted_at,
           CASE WHEN is_hidden THEN 'hidden' ELSE '' END, 'v1', said.created_at, said.updated_at
    FROM public.legacy_conversations AS thread
    JOIN public.messages AS said ON said.conversation_id = thread.id
        AND said.id <> coalesce(thread.opening_v1_id, thread.id)
    CROSS JOIN LATERAL (
        SELECT said.message_type = 'text'
               AND coalesce(said.sender_id IN (thread.requester_id, thread.helper_id), false) AS is_theirs,
               said.moderation_status IN ('hidden', 'removed') AND said.deleted_at IS NULL AS is_hidden
    ) AS what
    WHERE thread.id = ANY (ids) AND (said.content ~ '\\S' OR said.deleted_at IS NOT NULL)
      AND NOT EXISTS (SELECT FROM public.legacy_messages WHERE id = said.id);

    PERFORM public.legacy_count(ids);
    PERFORM set_config('legacy.is_adopting', '', true);
END $$;

-- How far each of the two has read, from what was read there; positions only move forward.
CREATE FUNCTION public.legacy_count(ids uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    WITH said AS (
        SELECT thread.id AS thread, 1 AS sequence, thread.opening_sender_id AS sender, thread.created_at,
               earlier.status, earlier.read_at
        FROM public.legacy_conversations AS thread
        LEFT JOIN public.messages AS earlier ON earlier.id = coalesce(thread.opening_v1_id, thread.id)
        WHERE thread.id = ANY (ids)
        UNION ALL
        SELECT mine.conversation_id, mine.sequence, mine.sender_id, coalesce(mine.released_at, mine.created_at),
               earlier.status, earlier.read_at
        FROM public.legacy_messages AS mine LEFT JOIN public.messages AS earlier ON earlier.id = mine.id
        WHERE mine.conversation_id = ANY (ids) AND mine.sequence IS NOT NULL
    ), counted AS (
        SELECT thread.id, max(sequence) AS last,
               (array_agg(said.created_at ORDER BY sequence DESC))[1] AS last_at,
               coalesce(min(sequence) FILTER (WHERE sender = helper_id AND NOT is_read) - 1, max(sequence)) AS asker,
               coalesce(min(sequence) FILTER (WHERE sender = requester_id AND NOT is_read) - 1, max(sequence)) AS helper
        FROM public.legacy_conversations AS thread JOIN said ON said.thread = thread.id
        CROSS JOIN LATERAL (
            SELECT said.read_at IS NOT NULL OR coalesce(said.status = 'read', false) AS is_read
        ) AS seen
        GROUP BY thread.id
    ), placed AS (
        SELECT counted.id, last, last_at, greatest(requester_read, counted.asker) AS asker,
               greatest(helper_read, counted.helper) AS helper
        FROM counted JOIN public.legacy_conversations AS thread ON thread.id = counted.id
    ), unread AS (
        SELECT placed.id, count(*) FILTER (WHERE sender = helper_id AND sequence > placed.asker) AS asker,
               count(*) FILTER (WHERE sender = requester_id AND sequence > placed.helper) AS helper
        FROM placed JOIN said ON said.thread = placed.id
        JOIN public.legacy_conversations AS thread ON thread.id = placed.id
        GROUP BY placed.id
    )
    UPDATE public.legacy_conversations AS thread SET
        last_sequence = last, last_message_at = last_at, requester_read = placed.asker,
        requester_delivered = greatest(requester_delivered, placed.asker), helper_read = placed.helper,
        helper_delivered = greatest(helper_delivered, placed.helper),
        requester_unread = unread.asker, helper_unread = unread.helper
    FROM placed JOIN unread ON unread.id = placed.id WHERE placed.id = thread.id;
END $$;
"""

# The earlier tables are written by our own triggers, too (0004), which need no side rows made: those stand at depth 1.
FOLLOW = """
CREATE FUNCTION public.legacy_adopt_new() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.legacy_adopt(ARRAY(SELECT DISTINCT conversation_id FROM fresh));
    RETURN NULL;
END $$;

CREATE FUNCTION public.legacy_follow_leaving() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM set_config('legacy.is_adopting', 'yes', true);
    UPDATE public.legacy_conversations SET
        requester_left_at = CASE WHEN requester_id = NEW.user_id THEN NEW.left_at ELSE requester_left_at END,
        helper_left_at = CASE WHEN helper_id = NEW.user_id THEN NEW.left_at ELSE helper_left_at END,
        closed_at = CASE WHEN status = 'active' THEN NEW.left_at ELSE closed_at END,
        closed_by_id = CASE WHEN status = 'active' AND NEW.left_at IS NOT NULL THEN NEW.user_id ELSE closed_by_id END,
        status = CASE WHEN status = 'active' AND NEW.left_at IS NOT NULL THEN 'closed' ELSE status END
    WHERE id = NEW.conversation_id AND NEW.user_id IN (requester_id, helper_id);
    PERFORM set_config('legacy.is_adopting', '', true);
    RETURN NULL;
END $$;

CREATE FUNCTION public.legacy_follow_ending() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM set_config('legacy.is_adopting', 'yes', true);
    UPDATE public.legacy_conversations SET status = 'closed', closed_at = clock_timestamp()
    WHERE id = NEW.id AND status = 'active';
    PERFORM set_config('legacy.is_adopting', '', true);
    RETURN NULL;
END $$;

CREATE FUNCTION public.legacy_follow_deleting() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM set_config('legacy.is_adopting', 'yes', true);
    WITH gone AS (
        UPDATE public.legacy_messages SET
            content = '', key_id = '', first = '', first_key_id = '', hidden = '', hidden_key_id = '',
            deleted_at = NEW.deleted_at, updated_at = clock_timestamp()
        WHERE id = NEW.id AND deleted_at IS NULL
        RETURNING conversation_id, id, sequence
    ), gone_opening AS (
        UPDATE public.legacy_conversations SET
            initial_message = '', key_id = '', opening_first = '', opening_first_key_id = '', opening_hidden = '',
            opening_hidden_key_id = '', opening_deleted_at = NEW.deleted_at, updated_at = clock_timestamp()
        WHERE id = NEW.conversation_id AND coalesce(opening_v1_id, id) = NEW.id AND opening_deleted_at IS NULL
        RETURNING id
    )
    INSERT INTO public.message_audit_log (conversation_id, message_id, sequence, deed)
    SELECT conversation_id, id, sequence, 'deleted' FROM gone
    UNION ALL SELECT id, id, 1, 'deleted' FROM gone_opening;
    PERFORM set_config('legacy.is_adopting', '', true);
    RETURN NULL;
END $$;

CREATE TRIGGER legacy_adopt_messages AFTER INSERT ON public.messages REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION public.legacy_adopt_new();
CREATE TRIGGER legacy_adopt_participants AFTER INSERT ON public.conversation_participants
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION public.legacy_adopt_new();
CREATE TRIGGER legacy_follow_leaving AFTER UPDATE OF left_at ON public.conversation_participants
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND NEW.left_at IS DISTINCT FROM OLD.left_at)
    EXECUTE FUNCTION public.legacy_follow_leaving();
CREATE TRIGGER legacy_follow_ending AFTER UPDATE OF status ON public.conversations
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND NEW.status <> 'active' AND OLD.status = 'active')
    EXECUTE FUNCTION public.legacy_follow_ending();
CREATE TRIGGER legacy_follow_deleting AFTER UPDATE OF deleted_at ON public.messages
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND NEW.deleted_at IS NOT NULL AND OLD.deleted_at IS NULL)
    EXECUTE FUNCTION public.legacy_follow_deleting();

-- Those that stand there already.
SELECT public.legacy_adopt(ARRAY(SELECT id FROM public.conversations));
"""

BACKWARD = """
DROP TRIGGER legacy_adopt_messages ON public.messages;
DROP TRIGGER legacy_adopt_participants ON public.conversation_participants;
DROP TRIGGER legacy_follow_leaving ON public.conversation_participants;
DROP TRIGGER legacy_follow_ending ON public.conversations;
DROP TRIGGER legacy_follow_deleting ON public.messages;
DROP FUNCTION public.legacy_follow_deleting();
DROP FUNCTION public.legacy_follow_ending();
DROP FUNCTION public.legacy_follow_leaving();
DROP FUNCTION public.legacy_adopt_new();
DROP FUNCTION public.legacy_count(uuid[]);
DROP FUNCTION public.legacy_adopt(uuid[]);
"""


class Migration(migrations.Migration):
    dependencies = [("legacy", "0002_side_tables")]

    operations = [migrations.RunSQL(ADOPT + FOLLOW, BACKWARD)]
