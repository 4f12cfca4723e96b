"""Moving conversations of the earlier system into V2: what each is, and a batch of them in one transaction."""

from importlib import import_module

from django.db import migrations

# What stands in the way of moving a conversation, if anything, in the order it is told.
CENSUS = """
CREATE VIEW public.legacy_census AS
SELECT thread.id, thread.created_at,
       words.count = 0 AS is_empty,
       people.count <> 2 AS is_not_of_two,
       people.missing OR side.id IS NULL AND words.count > 0 AS misses_people,
       thread.help_request_id IS NOT NULL AND request.id IS NULL AS misses_request,
       coalesce(length(btrim(opening.content)) < 10 AND opening.deleted_at IS NULL, false) AS opens_too_short,
       coalesce(length(opening.content) > 1000, false) AS opens_too_long,
       coalesce(request.requester_id IN (thread.created_by, opening.sender_id), false) AS is_opened_by_asker,
       EXISTS (
           SELECT FROM public.legacy_conversations AS older
           WHERE older.help_request_id = side.help_request_id AND older.helper_id = side.helper_id
             AND (older.created_at, older.id) < (side.created_at, side.id)
       ) OR side.kind = 'direct' AND EXISTS (
           SELECT FROM public.legacy_conversations AS older
           WHERE older.kind = 'direct' AND (older.created_at, older.id) < (side.created_at, side.id)
             AND least(older.requester_id, older.helper_id) = least(side.requester_id, side.helper_id)
             AND greatest(older.requester_id, older.helper_id) = greatest(side.requester_id, side.helper_id)
       ) AS is_duplicate,
       CASE WHEN words.count = 0 THEN 'empty'
           WHEN people.missing OR side.id IS NULL THEN 'people_missing'
           WHEN people.count <> 2 THEN 'not_of_two'
           WHEN words.longest > 1000 THEN 'too_long'
           WHEN EXISTS (
               SELECT FROM ONLY public.conversations_v2 AS new
               WHERE new.help_request_id = side.help_request_id AND new.helper_id = side.helper_id
           ) OR side.kind = 'direct' AND EXISTS (
               SELECT FROM ONLY public.conversations_v2 AS new
               WHERE new.kind = 'direct'
                 AND least(new.requester_id, new.helper_id) = least(side.requester_id, side.helper_id)
                 AND greatest(new.requester_id, new.helper_id) = greatest(side.requester_id, side.helper_id)
           ) THEN 'has_v2'
           ELSE '' END AS reason
FROM public.conversations AS thread
LEFT JOIN public.help_requests AS request ON request.id = thread.help_request_id
LEFT JOIN public.legacy_conversations AS side ON side.id = thread.id
CROSS JOIN LATERAL (
    SELECT count(*) AS count, coalesce(max(length(content)), 0) AS longest FROM public.messages
    WHERE conversation_id = thread.id AND (content ~ '\\S' OR deleted_at IS NOT NULL)
) AS words
CROSS JOIN LATERAL (
    SELECT count(*) AS count, coalesce(bool_or(member.id IS NULL), true) AS missing
    FROM public.conversation_participants AS person LEFT JOIN public.members AS member ON member.id = person.user_id
    WHERE person.conversation_id = thread.id
) AS people
LEFT JOIN LATERAL (
    SELECT * FROM public.messages
    WHERE conversation_id = thread.id AND message_type = 'text' AND (content ~ '\\S' OR deleted_at IS NOT NULL)
    ORDER BY created_at, id LIMIT 1
) AS opening ON true
"""

# As the owner, because the site may delete neither conversations nor messages; what is moved stands in V2 by then.
MOVE = """
CREATE FUNCTION public.legacy_columns(of_table text, VARIADIC but text[]) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = to_regclass('public.' || of_table) AND attnum > 0 AND NOT attisdropped AND attname <> ALL (but)
$$;

CREATE FUNCTION public.legacy_move(the_run bigint, first_ids uuid[]) RETURNS TABLE (moved integer, said integer)
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
    batch_digest text;
BEGIN
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

    INSERT INTO pg_temp.legacy_lines
    SELECT id, source, leader, old, CASE WHEN NOT is_merged THEN old
        WHEN old IS NOT NULL THEN row_number() OVER (
            PARTITION BY leader, old IS NULL ORDER BY at, source_at, source, old) END,
        sender, at, is_opening
    FROM (
        SELECT coalesce(side.opening_v1_id, side.id) AS id, side.id AS source, batch.leader, 1 AS old,
               batch.is_merged, side.opening_sender_id AS sender,
               coalesce(side.opening_released_at, side.created_at) AS at, side.created_at AS source_at,
               true AS is_opening
        FROM public.legacy_conversations AS side JOIN pg_temp.legacy_batch AS batch ON batch.id = side.id
        UNION ALL
        SELECT said.id, side.id, batch.leader, said.sequence, batch.is_merged, said.sender_id,
               coalesce(said.released_at, said.created_at), side.created_at, false
        FROM public.legacy_messages AS said JOIN pg_temp.legacy_batch AS batch ON batch.id = said.conversation_id
        JOIN public.legacy_conversations AS side ON side.id = batch.id
    ) AS all_lines;

    -- Of several, the offer that got farthest says where it stands.
    EXECUTE format($sql$
        INSERT INTO public.conversations_v2 (version, origin, opening_v1_id, last_sequence, last_message_at,
            requester_read, requester_delivered, requester_unread, helper_read, helper_delivered, helper_unread,
            status, closed_at, closed_by_id, offer_state, offered_at, accepted_at, declined_at, withdrawn_at,
            expired_at, reminded_at, %1$s)
        SELECT 2, 'v1', coalesce(opening_v1_id, id),
               counted.last, CASE WHEN is_merged THEN last_at ELSE last_message_at END,
               asker_read, greatest(asker_read, CASE WHEN is_merged THEN 0 ELSE requester_delivered END), asker_new,
               helped_read, greatest(helped_read, CASE WHEN is_merged THEN 0 ELSE helper_delivered END), helped_new,
               far.status, far.closed_at, far.closed_by_id, far.offer_state, far.offered_at, far.accepted_at,
               far.declined_at, far.withdrawn_at, far.expired_at, far.reminded_at, %1$s
        FROM (
            SELECT side.*, batch.is_merged FROM public.legacy_conversations AS side
            JOIN pg_temp.legacy_batch AS batch ON batch.id = side.id AND batch.leader = side.id
        ) AS side
        CROSS JOIN LATERAL (
            SELECT one.status AS status, one.closed_at, one.closed_by_id, one.offer_state, one.offered_at,
                   one.accepted_at, one.declined_at, one.withdrawn_at, one.expired_at, one.reminded_at
            FROM pg_temp.legacy_batch AS batch JOIN public.legacy_conversations AS one ON one.id = batch.id
            WHERE batch.leader = side.id
            ORDER BY array_position(ARRAY['accepted', 'offered', 'expired', 'withdrawn', 'declined'],
                                    one.offer_state::text), one.status = 'active' DESC, one.last_message_at DESC
            LIMIT 1
        ) AS far
        CROSS JOIN LATERAL (
            SELECT max(line.sequence) AS last,
                   (array_agg(line.at ORDER BY line.sequence DESC NULLS LAST))[1] AS last_at,
                   CASE WHEN NOT is_merged THEN side.requester_read
                       ELSE coalesce(min(line.sequence) FILTER (WHERE asker_line.is_new) - 1, max(line.sequence))
                       END AS asker_read,
                   CASE WHEN NOT is_merged THEN side.helper_read
                       ELSE coalesce(min(line.sequence) FILTER (WHERE helper_line.is_new) - 1, max(line.sequence))
                       END AS helped_read,
                   CASE WHEN NOT is_merged THEN side.requester_unread
                       ELSE count(*) FILTER (WHERE asker_line.is_new) END AS asker_new,
                   CASE WHEN NOT is_merged THEN side.helper_unread
                       ELSE count(*) FILTER (WHERE helper_line.is_new) END AS helped_new
            FROM pg_temp.legacy_lines AS line JOIN public.legacy_conversations AS of ON of.id = line.source
            -- Between two members each may have begun one of them.
            CROSS JOIN LATERAL (SELECT line.sender = side.helper_id AND line.old > CASE
                WHEN of.requester_id = side.requester_id THEN of.requester_read ELSE of.helper_read END AS is_new
            ) AS asker_line
            CROSS JOIN LATERAL (SELECT line.sender = side.requester_id AND line.old > CASE
                WHEN of.helper_id = side.helper_id THEN of.helper_read ELSE of.requester_read END AS is_new
            ) AS helper_line
            WHERE line.leader = side.id
        ) AS counted
    $sql$, public.legacy_columns('conversations_v2', 'version', 'origin', 'opening_v1_id', 'last_sequence',
        'last_message_at', 'requester_read', 'requester_delivered', 'requester_unread', 'helper_read',
        'helper_delivered', 'helper_unread', 'status', 'closed_at', 'closed_by_id', 'offer_state', 'offered_at',
        'accepted_at', 'declined_at', 'withdrawn_at', 'expired_at', 'reminded_at'));

    EXECUTE format($sql$
        INSERT INTO public.messages_v2 (conversation_id, sequence, origin, %1$s)
        SELECT line.leader, line.sequence, 'v1', %2$s
        FROM pg_temp.legacy_lines AS line JOIN public.legacy_messages AS said ON said.id = line.id
        ORDER BY line.leader, line.sequence
    $sql$, public.legacy_columns('messages_v2', 'conversation_id', 'sequence', 'origin'),
        'said.' || replace(
            public.legacy_columns('messages_v2', 'conversation_id', 'sequence', 'origin'), ', ', ', said.'));
    INSERT INTO public.messages_v2 (id, conversation_id, sender_id, sequence, type, content, digest, edited_at,
                                    deleted_at, moderation, caution, released_at, origin, created_at, updated_at)
    SELECT line.id, line.leader, side.opening_sender_id, line.sequence, 'standard', side.initial_message,
           side.opening_digest, side.opening_edited_at, side.opening_deleted_at, side.opening_moderation,
           side.opening_caution, side.opening_released_at, 'v1', side.created_at, side.updated_at
    FROM pg_temp.legacy_lines AS line JOIN public.legacy_conversations AS side ON side.id = line.source
    WHERE line.is_opening AND line.source <> line.leader;

    UPDATE public.plans SET conversation_id = leader FROM pg_temp.legacy_batch AS batch
    WHERE conversation_id = batch.id AND batch.id <> leader;
    INSERT INTO public.legacy_moves (id, run_id, outcome, into_id, messages, kept)
    SELECT side.id, the_run, CASE WHEN leader = side.id THEN 'converted' ELSE 'merged' END, leader,
           (SELECT count(*) FROM pg_temp.legacy_lines WHERE source = side.id), to_jsonb(side)
    FROM public.legacy_conversations AS side JOIN pg_temp.legacy_batch AS batch ON batch.id = side.id;
    DELETE FROM public.legacy_messages WHERE conversation_id IN (SELECT id FROM pg_temp.legacy_batch);
    DELETE FROM public.legacy_conversations WHERE id IN (SELECT id FROM pg_temp.legacy_batch);

    SELECT encode(sha256(convert_to(coalesce(string_agg(
        concat_ws(' ', leader, sequence, id, source), E'\\n' ORDER BY leader, sequence NULLS LAST, id
    ), ''), 'UTF8')), 'hex') INTO batch_digest FROM pg_temp.legacy_lines;
    RETURN QUERY
    UPDATE public.legacy_runs AS run SET
        moved_at = clock_timestamp(), conversations = run.conversations + counted.threads,
        messages = run.messages + counted.lines,
        digest = encode(sha256(convert_to(run.digest || batch_digest, 'UTF8')), 'hex')
    FROM (SELECT (SELECT count(*) FROM pg_temp.legacy_batch) AS threads,
                 (SELECT count(*) FROM pg_temp.legacy_lines) AS lines) AS counted
    WHERE run.id = the_run
    RETURNING counted.threads::integer, counted.lines::integer;
END $$;

CREATE FUNCTION public.legacy_refuse_what_is_moved() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.legacy_moves WHERE id = NEW.conversation_id AND outcome <> 'quarantined') THEN
        RAISE EXCEPTION 'This conversation stands in V2 now.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'messages_of_a_moved_conversation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER legacy_refuse_what_is_moved BEFORE INSERT ON public.messages
    FOR EACH ROW EXECUTE FUNCTION public.legacy_refuse_what_is_moved();
"""

BACKWARD = """
DROP TRIGGER legacy_refuse_what_is_moved ON public.messages;
DROP FUNCTION public.legacy_refuse_what_is_moved();
DROP FUNCTION public.legacy_move(bigint, uuid[]);
DROP FUNCTION public.legacy_columns(text, text[]);
DROP VIEW public.legacy_census;
"""

# What was moved is not found a second time.
first = import_module("legacy.migrations.0003_made_when_first_needed")
THERE = "NOT EXISTS (SELECT FROM public.conversations_v2 WHERE id = thread.id)"
MOVED = "NOT EXISTS (SELECT FROM public.legacy_moves WHERE id = thread.id AND outcome <> 'quarantined')"
ADOPT = first.ADOPT.partition("-- How far each")[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
ADOPT_WHAT_WAS_NOT_MOVED = ADOPT.replace(THERE, f"{THERE} AND {MOVED}")


class Migration(migrations.Migration):
    dependencies = [("legacy", "0005_backfill")]

    operations = [
        migrations.RunSQL(CENSUS, migrations.RunSQL.noop),
        migrations.RunSQL(MOVE, BACKWARD),
        migrations.RunSQL(ADOPT_WHAT_WAS_NOT_MOVED, ADOPT),
    ]
