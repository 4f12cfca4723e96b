"""Moving conversations and making side rows faster: nothing is looked up again for each row."""

from importlib import import_module

from django.db import migrations

moving = import_module("legacy.migrations.0006_moving")
adopting = import_module("legacy.migrations.0003_made_when_first_needed")

MOVE = """
CREATE OR REPLACE FUNCTION public.legacy_move(the_run bigint, first_ids uuid[])
    RETURNS TABLE (moved integer, said integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    -- With all others of their pairs.
    ids uuid[] := ARRAY(
        SELECT unnest(first_ids)
        UNION
        SELECT other.id FROM public.legacy_conversations AS mine JOIN public.legacy_conversations AS other
        ON other.help_request_id = mine.help_request_id AND other.helper_id = mine.helper_id
        WHERE mine.id = ANY (first_ids)
        UNION
        SELECT other.id FROM public.legacy_conversations AS mine JOIN public.legacy_conversations AS other
        ON other.kind = 'direct'
           AND least(other.requester_id, other.helper_id) = least(mine.requester_id, mine.helper_id)
           AND greatest(other.requester_id, other.helper_id) = greatest(mine.requester_id, mine.helper_id)
        WHERE mine.id = ANY (first_ids) AND mine.kind = 'direct'
    );
    threads text := public.legacy_columns('conversations_v2', 'version', 'origin', 'opening_v1_id', 'last_sequence',
        'last_message_at', 'requester_read', 'requester_delivered', 'requester_unread', 'helper_read',
        'helper_delivered', 'helper_unread', 'status', 'closed_at', 'closed_by_id', 'offer_state', 'offered_at',
        'accepted_at', 'declined_at', 'withdrawn_at', 'expired_at', 'reminded_at');
    lines text := public.legacy_columns('messages_v2', 'conversation_id', 'sequence', 'origin');
BEGIN
    -- A batch that the server loses when it falls is moved again: it is whole, or gone with its place in the run.
    PERFORM set_config('synchronous_commit', 'off', true);
    -- Whoever writes there now is waited for; whoever comes later finds it in V2.
    PERFORM FROM public.legacy_conversations WHERE id = ANY (ids) ORDER BY id FOR UPDATE;
    PERFORM FROM public.conversations WHERE id = ANY (ids) ORDER BY id FOR UPDATE;
    CREATE TEMP TABLE IF NOT EXISTS legacy_batch (id uuid PRIMARY KEY, leader uuid, is_merged boolean)
        ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE IF NOT EXISTS legacy_lines (id uuid PRIMARY KEY, source uuid, leader uuid, old integer,
        sequence integer, sender uuid, at timestamptz, is_opening boolean) ON COMMIT DELETE ROWS;
    DELETE FROM pg_temp.legacy_lines;
    DELETE FROM pg_temp.legacy_batch;

    INSERT INTO public.legacy_moves (id, run_id, outcome, reason)
    SELECT id, the_run, 'quarantined', reason FROM public.legacy_census
    WHERE id = ANY (ids) AND reason <> '' ON CONFLICT DO NOTHING;

    -- Duplicates of a pair go into the oldest.
    INSERT INTO pg_temp.legacy_batch
    SELECT side.id, first_value(side.id) OVER pair, count(*) OVER (PARTITION BY pair_of.key) > 1
    FROM public.legacy_conversations AS side
    CROSS JOIN LATERAL (SELECT CASE side.kind WHEN 'help' THEN side.help_request_id::text || side.helper_id
        ELSE least(side.requester_id, side.helper_id)::text || greatest(side.requester_id, side.helper_id) END AS key
    ) AS pair_of
    WHERE side.id = ANY (ids) AND NOT EXISTS (SELECT FROM public.legacy_moves WHERE id = side.id)
    WINDOW pair AS (PARTITION BY pair_of.key ORDER BY side.created_at, side.id);

    -- Sealed words open in their own conversation only, and whoever left one of them must not read on in the other, so
    -- nobody but a person can merge these.
    WITH apart AS (
        DELETE FROM pg_temp.legacy_batch AS batch
        USING public.legacy_conversations AS side, public.legacy_conversations AS oldest
        WHERE side.id = batch.id AND oldest.id = batch.leader AND batch.id <> batch.leader AND (
            side.key_id <> '' OR side.opening_first <> '' OR side.opening_hidden <> '' OR side.status = 'held'
            OR (side.requester_left_at, side.helper_left_at)
                IS DISTINCT FROM (oldest.requester_left_at, oldest.helper_left_at)
            OR EXISTS (SELECT FROM public.legacy_messages WHERE conversation_id = side.id
                       AND (key_id <> '' OR first <> '' OR hidden <> '')))
        RETURNING batch.id, (side.requester_left_at, side.helper_left_at)
            IS DISTINCT FROM (oldest.requester_left_at, oldest.helper_left_at) AS was_left
    )
    INSERT INTO public.legacy_moves (id, run_id, outcome, reason)
    SELECT id, the_run, 'quarantined', CASE WHEN was_left THEN 'left' ELSE 'sealed' END FROM apart;

    -- Of several that become one, each line gets its new place; a conversation on its own keeps those it has.
    INSERT INTO pg_temp.legacy_lines
    SELECT id, source, leader, old, CASE WHEN old IS NOT NULL THEN row_number() OVER (
            PARTITION BY leader, old IS NULL ORDER BY at, source_at, source, old) END,
        sender, at, is_opening
    FROM (
        SELECT coalesce(side.opening_v1_id, side.id) AS id, side.id AS source, batch.leader, 1 AS old,
               side.opening_sender_id AS sender,
               coalesce(side.opening_released_at, side.created_at) AS at, side.created_at AS source_at,
               true AS is_opening
        FROM public.legacy_conversations AS side JOIN pg_temp.legacy_batch AS batch ON batch.id = side.id
        WHERE batch.is_merged
        UNION ALL
        SELECT said.id, side.id, batch.leader, said.sequence, said.sender_id,
               coalesce(said.released_at, said.created_at), side.created_at, false
        FROM public.legacy_messages AS said JOIN pg_temp.legacy_batch AS batch ON batch.id = said.conversation_id
        JOIN public.legacy_conversations AS side ON side.id = batch.id
        WHERE batch.is_merged
    ) AS all_lines;

    -- Of several, the offer that got farthest says where it stands.
    EXECUTE format($sql$
        INSERT INTO public.conversations_v2 (version, origin, opening_v1_id, last_sequence, last_message_at,
            requester_read, requester_delivered, requester_unread, helper_read, helper_delivered, helper_unread,
            status, closed_at, closed_by_id, offer_state, offered_at, accepted_at, declined_at, withdrawn_at,
            expired_at, reminded_at, %1$s)
        SELECT 2, 'v1', coalesce(side.opening_v1_id, side.id),
               coalesce(counted.last, side.last_sequence), coalesce(counted.last_at, side.last_message_at),
               coalesce(asker_read, side.requester_read), coalesce(asker_read, side.requester_delivered),
               coalesce(asker_new, side.requester_unread), coalesce(helped_read, side.helper_read),
               coalesce(helped_read, side.helper_delivered), coalesce(helped_new, side.helper_unread),
               far.status, far.closed_at, far.closed_by_id, far.offer_state, far.offered_at, far.accepted_at,
               far.declined_at, far.withdrawn_at, far.expired_at, far.reminded_at, %2$s
        FROM public.legacy_conversations AS side
        JOIN pg_temp.legacy_batch AS batch ON batch.id = side.id AND batch.leader = side.id
        JOIN (
            SELECT DISTINCT ON (one_of.leader) one_of.leader AS far_of, one.status, one.closed_at, one.closed_by_id,
                   one.offer_state, one.offered_at, one.accepted_at, one.declined_at, one.withdrawn_at,
                   one.expired_at, one.reminded_at
            FROM pg_temp.legacy_batch AS one_of JOIN public.legacy_conversations AS one ON one.id = one_of.id
            ORDER BY one_of.leader,
                     array_position(ARRAY['accepted', 'offered', 'expired', 'withdrawn', 'declined'],
                                    one.offer_state::text), one.status = 'active' DESC, one.last_message_at DESC
        ) AS far ON far.far_of = side.id
        LEFT JOIN (
            SELECT line.leader AS counted_of, max(line.sequence) AS last,
                   (array_agg(line.at ORDER BY line.sequence DESC NULLS LAST))[1] AS last_at,
                   coalesce(min(line.sequence) FILTER (WHERE asker_line.is_new) - 1, max(line.sequence)) AS asker_read,
                   coalesce(min(line.sequence) FILTER (WHERE helper_line.is_new) - 1, max(line.sequence))
                       AS helped_read,
                   count(*) FILTER (WHERE asker_line.is_new) AS asker_new,
                   count(*) FILTER (WHERE helper_line.is_new) AS helped_new
            FROM pg_temp.legacy_lines AS line JOIN public.legacy_conversations AS of ON of.id = line.source
            JOIN public.legacy_conversations AS oldest ON oldest.id = line.leader
            -- Between two members each may have begun one of them.
            CROSS JOIN LATERAL (SELECT line.sender = oldest.helper_id AND line.old > CASE
                WHEN of.requester_id = oldest.requester_id THEN of.requester_read ELSE of.helper_read END AS is_new
            ) AS asker_line
            CROSS JOIN LATERAL (SELECT line.sender = oldest.requester_id AND line.old > CASE
                WHEN of.helper_id = oldest.helper_id THEN of.helper_read ELSE of.requester_read END AS is_new
            ) AS helper_line
            GROUP BY line.leader
        ) AS counted ON counted.counted_of = side.id
    $sql$, threads, 'side.' || replace(threads, ', ', ', side.'));

    EXECUTE format($sql$
        INSERT INTO public.messages_v2 (conversation_id, sequence, origin, %1$s)
        SELECT batch.leader, CASE WHEN batch.is_merged THEN line.sequence ELSE said.sequence END, 'v1', %2$s
        FROM public.legacy_messages AS said JOIN pg_temp.legacy_batch AS batch ON batch.id = said.conversation_id
        LEFT JOIN pg_temp.legacy_lines AS line ON line.id = said.id
    $sql$, lines, 'said.' || replace(lines, ', ', ', said.'));
    INSERT INTO public.messages_v2 (id, conversation_id, sender_id, sequence, type, content, digest, edited_at,
                                    deleted_at, moderation, caution, released_at, origin, created_at, updated_at)
    SELECT line.id, line.leader, side.opening_sender_id, line.sequence, 'standard', side.initial_message,
           side.opening_digest, side.opening_edited_at, side.opening_deleted_at, side.opening_moderation,
           side.opening_caution, side.opening_released_at, 'v1', side.created_at, side.updated_at
    FROM pg_temp.legacy_lines AS line JOIN public.legacy_conversations AS side ON side.id = line.source
    WHERE line.is_opening AND line.source <> line.leader;

    -- For the way back: also which words were said here, and which plans were made in it.
    INSERT INTO public.legacy_moves (id, run_id, outcome, into_id, messages, kept)
    SELECT side.id, the_run, CASE WHEN leader = side.id THEN 'converted' ELSE 'merged' END, leader,
           1 + said.number, to_jsonb(side) || jsonb_build_object('said_here', said.here, 'plans', (
               SELECT jsonb_agg(id) FROM public.plans WHERE conversation_id = side.id))
    FROM public.legacy_conversations AS side JOIN pg_temp.legacy_batch AS batch ON batch.id = side.id
    CROSS JOIN LATERAL (
        SELECT count(*) AS number, jsonb_agg(id) FILTER (WHERE origin = 'v2') AS here
        FROM public.legacy_messages WHERE conversation_id = side.id
    ) AS said;
    UPDATE public.plans SET conversation_id = leader FROM pg_temp.legacy_batch AS batch
    WHERE conversation_id = batch.id AND batch.id <> leader;
    DELETE FROM public.legacy_messages WHERE conversation_id = ANY (ARRAY(SELECT id FROM pg_temp.legacy_batch));
    DELETE FROM public.legacy_conversations WHERE id = ANY (ARRAY(SELECT id FROM pg_temp.legacy_batch));

    -- Whoever moves another batch at the same time waits for this row, so nothing slow comes after it.
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN QUERY EXECUTE $sql$
    UPDATE public.legacy_runs AS run SET
        moved_at = clock_timestamp(), conversations = run.conversations + counted.moved,
        messages = run.messages + counted.said,
        -- A run that began before this file has a digest of another kind.
        digest = (CASE WHEN run.digest ~ '^-?[0-9]{1,40}$' THEN run.digest::numeric ELSE 0 END + counted.digest)::text
    FROM (
        SELECT (SELECT count(*) FROM pg_temp.legacy_batch) AS moved,
               (SELECT coalesce(sum(messages), 0) FROM public.legacy_moves
                WHERE id IN (SELECT id FROM pg_temp.legacy_batch)) AS said,
               -- In whatever order they come, and however many at once, it is the same sum.
               (SELECT coalesce(sum(('x' || left(encode(sha256(convert_to(
                    concat_ws(' ', line.conversation_id, line.sequence, line.id, line.sender_id, line.digest),
                    'UTF8')), 'hex'), 16))::bit(64)::bigint), 0)
                FROM pg_temp.legacy_batch AS batch CROSS JOIN LATERAL (
                    SELECT id AS conversation_id, 1 AS sequence, opening_v1_id AS id, opening_sender_id AS sender_id,
                           opening_digest AS digest FROM ONLY public.conversations_v2 WHERE id = batch.id
                    UNION ALL
                    SELECT conversation_id, sequence, id, sender_id, digest FROM ONLY public.messages_v2
                    WHERE conversation_id = batch.id
                ) AS line WHERE batch.id = batch.leader) AS digest
    ) AS counted
    WHERE run.id = $1
    RETURNING counted.moved::integer, counted.said::integer
    $sql$ USING the_run;
END $$;
"""

# Planned anew each time, for the tables may have been nearly empty when a session first came here; and OFFSET 0 says that
# each is looked up by its id, however many there are.
ADOPT = """
CREATE OR REPLACE FUNCTION public.legacy_adopt(ids uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- What is made here stands in the earlier tables already (0004).
    PERFORM set_config('legacy.is_adopting', 'yes', true);
    PERFORM FROM public.legacy_conversations WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM public.conversations WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    -- Whoever leaves this moment is waited for, or waits until there is a side row that can say so.
    PERFORM FROM public.conversation_participants AS person
    WHERE conversation_id = ANY (ids)
      AND NOT EXISTS (SELECT FROM public.legacy_conversations WHERE id = person.conversation_id)
    ORDER BY conversation_id, user_id FOR SHARE;

    EXECUTE $sql$
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
        WHERE thread.id = ANY ($1)
          AND NOT EXISTS (SELECT FROM public.conversations_v2 WHERE id = thread.id OFFSET 0)
          AND NOT EXISTS (SELECT FROM public.legacy_moves WHERE id = thread.id AND outcome <> 'quarantined' OFFSET 0)
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
    FROM decided
    $sql$ USING ids;

    -- Whatever stands there and has no place yet, in the order it was said. A line of that system itself, and the words
    -- of a third person or of somebody who is gone, are notes: they are nobody's of the two.
    EXECUTE $sql$
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
    CROSS JOIN LATERAL (
        SELECT * FROM public.messages
        WHERE conversation_id = thread.id AND id <> coalesce(thread.opening_v1_id, thread.id) OFFSET 0
    ) AS said
    CROSS JOIN LATERAL (
        SELECT said.message_type = 'text'
               AND coalesce(said.sender_id IN (thread.requester_id, thread.helper_id), false) AS is_theirs,
               said.moderation_status IN ('hidden', 'removed') AND said.deleted_at IS NULL AS is_hidden
    ) AS what
    WHERE thread.id = ANY ($1) AND (said.content ~ '\\S' OR said.deleted_at IS NOT NULL)
      AND NOT EXISTS (SELECT FROM public.legacy_messages WHERE id = said.id OFFSET 0)
    $sql$ USING ids;

    PERFORM public.legacy_count(ids);
    PERFORM set_config('legacy.is_adopting', '', true);
END $$;

-- How far each of the two has read, from what was read there; positions only move forward.
CREATE OR REPLACE FUNCTION public.legacy_count(ids uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE $sql$
    WITH said AS (
        SELECT thread.id AS thread, 1 AS sequence, thread.opening_sender_id AS sender, thread.created_at,
               earlier.status, earlier.read_at
        FROM public.legacy_conversations AS thread
        LEFT JOIN public.messages AS earlier ON earlier.id = coalesce(thread.opening_v1_id, thread.id)
        WHERE thread.id = ANY ($1)
        UNION ALL
        SELECT mine.conversation_id, mine.sequence, mine.sender_id, coalesce(mine.released_at, mine.created_at),
               earlier.status, earlier.read_at
        FROM public.legacy_messages AS mine
        LEFT JOIN LATERAL (SELECT * FROM public.messages WHERE id = mine.id OFFSET 0) AS earlier ON true
        WHERE mine.conversation_id = ANY ($1) AND mine.sequence IS NOT NULL
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
    FROM placed JOIN unread ON unread.id = placed.id WHERE placed.id = thread.id
    $sql$ USING ids;
END $$;
"""

# What is adopted or moved was said by one of the two already.
GUARDS = """
CREATE FUNCTION public.legacy_messages_sender() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.sender_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM ONLY public.legacy_conversations
        WHERE id = NEW.conversation_id AND NEW.sender_id IN (requester_id, helper_id)
    ) THEN
        RAISE EXCEPTION 'Only the two of a conversation write in it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'messages_v2_sender_is_one_of_two';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER legacy_messages_sender ON public.legacy_messages;
CREATE TRIGGER legacy_messages_sender BEFORE INSERT ON public.legacy_messages
    FOR EACH ROW WHEN (current_setting('legacy.is_adopting', true) IS DISTINCT FROM 'yes')
    EXECUTE FUNCTION public.legacy_messages_sender();

DROP TRIGGER legacy_refuse_what_is_moved ON public.messages;
CREATE OR REPLACE FUNCTION public.legacy_refuse_what_is_moved() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh JOIN public.legacy_moves AS move ON move.id = fresh.conversation_id
        WHERE move.outcome <> 'quarantined'
    ) THEN
        RAISE EXCEPTION 'This conversation stands in V2 now.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'messages_of_a_moved_conversation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER legacy_refuse_what_is_moved AFTER INSERT ON public.messages REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.legacy_refuse_what_is_moved();

-- The database learns how large its tables are only now and then, and from an empty one it plans as for an empty one.
CREATE FUNCTION public.legacy_take_stock(is_under_way boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- Between batches how much there is, and how ids lie; at the end all that the site's own questions need.
    IF is_under_way THEN
        ANALYZE public.conversations_v2 (id), public.messages_v2 (id, conversation_id);
        ANALYZE public.legacy_conversations (id), public.legacy_messages (id, conversation_id), public.legacy_moves (id);
    ELSE
        ANALYZE public.conversations_v2, public.messages_v2, public.legacy_conversations, public.legacy_messages;
        ANALYZE public.conversations, public.conversation_participants, public.messages, public.legacy_moves;
    END IF;
END $$;
"""

GUARDS_AS_THEY_WERE = """
DROP FUNCTION public.legacy_take_stock(boolean);
DROP TRIGGER legacy_refuse_what_is_moved ON public.messages;
DROP FUNCTION public.legacy_refuse_what_is_moved();
DROP TRIGGER legacy_messages_sender ON public.legacy_messages;
DROP FUNCTION public.legacy_messages_sender();
CREATE TRIGGER legacy_messages_sender BEFORE INSERT ON public.legacy_messages
    FOR EACH ROW EXECUTE FUNCTION public.messages_v2_sender();
"""
REFUSE = "CREATE FUNCTION public.legacy_refuse_what_is_moved()"
MOVE_AS_IT_WAS, _, REFUSE_AS_IT_WAS = moving.MOVE.partition(REFUSE)
MOVE_AS_IT_WAS = (
    "CREATE OR REPLACE FUNCTION public.legacy_move("
    + MOVE_AS_IT_WAS.partition("CREATE FUNCTION public.legacy_move(")[2]
)
COUNT_AS_IT_WAS = (
    "CREATE OR REPLACE FUNCTION public.legacy_count("
    + adopting.ADOPT.partition("CREATE FUNCTION public.legacy_count(")[2]
)


# PostgreSQL 15 tells a table called “new” by another name, so the text of the view would differ from ours.
CENSUS_AS_IT_WAS = moving.CENSUS.replace("CREATE VIEW", "CREATE OR REPLACE VIEW")
CENSUS = CENSUS_AS_IT_WAS.replace(" AS new\n", " AS ours\n").replace("new.", "ours.")


class Migration(migrations.Migration):
    dependencies = [("legacy", "0006_moving")]

    operations = [
        migrations.RunSQL(CENSUS, CENSUS_AS_IT_WAS),
        migrations.RunSQL(MOVE, MOVE_AS_IT_WAS),
        migrations.RunSQL(ADOPT, moving.ADOPT_WHAT_WAS_NOT_MOVED + COUNT_AS_IT_WAS),
        migrations.RunSQL(GUARDS, GUARDS_AS_THEY_WERE + REFUSE + REFUSE_AS_IT_WAS),
    ]
