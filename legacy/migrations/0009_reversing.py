"""The way back: what a run has moved goes where it came from, by the records of that run."""

from django.db import migrations, models

REVERSE = """
CREATE FUNCTION public.legacy_reverse(first_ids uuid[], is_carried boolean)
    RETURNS TABLE (went_back integer, said integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    threads text := public.legacy_columns('conversations_v2', 'version', 'origin', 'opening_v1_id');
    lines text := public.legacy_columns('messages_v2', 'conversation_id', 'sequence', 'origin');
    leaders uuid[];
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    -- What goes back stands in the earlier tables already.
    PERFORM set_config('legacy.is_adopting', 'yes', true);
    PERFORM FROM ONLY public.conversations_v2 WHERE id = ANY (first_ids) ORDER BY id FOR UPDATE;
    leaders := ARRAY(SELECT id FROM unnest(first_ids) AS id WHERE id NOT IN (
        SELECT stays.id FROM public.legacy_stays(first_ids) AS stays
        WHERE stays.why <> 'later' OR NOT is_carried));
    PERFORM FROM public.conversations WHERE id IN (SELECT id FROM public.legacy_moves WHERE into_id = ANY (leaders))
    ORDER BY id FOR UPDATE;
    CREATE TEMP TABLE IF NOT EXISTS legacy_back (id uuid PRIMARY KEY, leader uuid, is_merged boolean, is_far boolean,
        kept jsonb) ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE IF NOT EXISTS legacy_back_lines (id uuid PRIMARY KEY, source uuid, place integer,
        sequence integer, sender uuid, at timestamptz, is_later boolean) ON COMMIT DELETE ROWS;
    DELETE FROM pg_temp.legacy_back;
    DELETE FROM pg_temp.legacy_back_lines;

    INSERT INTO pg_temp.legacy_back
    SELECT move.id, move.into_id, count(*) OVER of_pair > 1, first_value(move.id) OVER (
               PARTITION BY move.into_id ORDER BY
                   array_position(ARRAY['accepted', 'offered', 'expired', 'withdrawn', 'declined'],
                                  move.kept ->> 'offer_state'),
                   move.kept ->> 'status' = 'active' DESC, (move.kept ->> 'last_message_at')::timestamptz DESC
           ) = move.id, move.kept
    FROM public.legacy_moves AS move WHERE move.into_id = ANY (leaders)
    WINDOW of_pair AS (PARTITION BY move.into_id);

    -- Each line to the conversation it stood in; what came later goes on in the oldest.
    INSERT INTO pg_temp.legacy_back_lines
    SELECT line.id, coalesce(earlier.conversation_id, line.conversation_id), line.sequence,
           CASE WHEN line.sequence IS NOT NULL THEN 1 + row_number() OVER (
               PARTITION BY coalesce(earlier.conversation_id, line.conversation_id), line.sequence IS NULL
               ORDER BY line.sequence) END,
           line.sender_id, coalesce(line.released_at, line.created_at), earlier.id IS NULL
    FROM ONLY public.messages_v2 AS line
    LEFT JOIN LATERAL (SELECT id, conversation_id FROM public.messages WHERE id = line.id OFFSET 0) AS earlier ON true
    WHERE line.conversation_id = ANY (leaders) AND NOT EXISTS (
        SELECT FROM pg_temp.legacy_back AS source
        WHERE source.id = earlier.conversation_id AND source.id <> source.leader
          AND line.id = coalesce((source.kept ->> 'opening_v1_id')::uuid, source.id));

    EXECUTE format($sql$
        INSERT INTO public.legacy_conversations (version, origin, opening_v1_id, %1$s)
        SELECT 1, source.kept ->> 'origin', (source.kept ->> 'opening_v1_id')::uuid, %2$s
        FROM ONLY public.conversations_v2 AS here JOIN pg_temp.legacy_back AS source ON source.id = here.id
        WHERE NOT source.is_merged
    $sql$, threads, 'here.' || replace(threads, ', ', ', here.'));
    -- Of several that became one, each as it was, with what happened to its opening since.
    INSERT INTO public.legacy_conversations
    SELECT (jsonb_populate_record(NULL::public.legacy_conversations, source.kept
        || CASE WHEN source.id = source.leader THEN jsonb_build_object(
            'initial_message', here.initial_message, 'key_id', here.key_id, 'opening_digest', here.opening_digest,
            'opening_digest_key_id', here.opening_digest_key_id, 'opening_first', here.opening_first,
            'opening_first_key_id', here.opening_first_key_id, 'opening_hidden', here.opening_hidden,
            'opening_hidden_key_id', here.opening_hidden_key_id, 'opening_moderation', here.opening_moderation,
            'opening_caution', here.opening_caution, 'opening_edited_at', here.opening_edited_at,
            'opening_deleted_at', here.opening_deleted_at, 'opening_released_at', here.opening_released_at)
        ELSE jsonb_build_object(
            'initial_message', line.content, 'opening_digest', line.digest, 'opening_moderation', line.moderation,
            'opening_caution', line.caution, 'opening_edited_at', line.edited_at,
            'opening_deleted_at', line.deleted_at, 'opening_released_at', line.released_at) END
        || CASE WHEN source.is_far THEN jsonb_build_object(
            'status', here.status, 'closed_at', here.closed_at, 'closed_by_id', here.closed_by_id,
            'offer_state', here.offer_state, 'offered_at', here.offered_at, 'accepted_at', here.accepted_at,
            'declined_at', here.declined_at, 'withdrawn_at', here.withdrawn_at, 'expired_at', here.expired_at,
            'reminded_at', here.reminded_at) ELSE '{}' END
        || public.legacy_places(source.id, here, source.kept))).*
    FROM pg_temp.legacy_back AS source JOIN ONLY public.conversations_v2 AS here ON here.id = source.leader
    LEFT JOIN ONLY public.messages_v2 AS line ON line.id = coalesce((source.kept ->> 'opening_v1_id')::uuid, source.id)
    WHERE source.is_merged;

    EXECUTE format($sql$
        INSERT INTO public.legacy_messages (conversation_id, sequence, origin, %1$s)
        SELECT line.source, CASE WHEN source.is_merged THEN line.sequence ELSE here.sequence END,
               -- Where several part again, what came later has another place than its record says.
               CASE WHEN line.is_later AND NOT source.is_merged OR source.kept -> 'said_here' @> to_jsonb(here.id)
                   THEN 'v2' ELSE 'v1' END, %2$s
        FROM ONLY public.messages_v2 AS here JOIN pg_temp.legacy_back_lines AS line ON line.id = here.id
        JOIN pg_temp.legacy_back AS source ON source.id = line.source
        WHERE here.conversation_id = ANY ($1)
    $sql$, lines, 'here.' || replace(lines, ', ', ', here.')) USING leaders;

    UPDATE public.plans SET conversation_id = source.id FROM pg_temp.legacy_back AS source
    WHERE source.id <> source.leader AND source.kept -> 'plans' @> to_jsonb(plans.id);
    DELETE FROM ONLY public.messages_v2 WHERE conversation_id = ANY (leaders);
    DELETE FROM ONLY public.conversations_v2 WHERE id = ANY (leaders);
    DELETE FROM public.legacy_moves WHERE id IN (SELECT id FROM pg_temp.legacy_back);
    PERFORM public.legacy_catch_up();
    PERFORM set_config('legacy.is_adopting', '', true);
    RETURN QUERY SELECT (SELECT count(*)::integer FROM pg_temp.legacy_back),
                        (SELECT count(*)::integer FROM pg_temp.legacy_back_lines)
                        + (SELECT count(*)::integer FROM pg_temp.legacy_back);
END $$;

-- What cannot go back, and why: words were said since that V1 has no row for, or were sealed for the conversation they
-- stand in now, and would not open in another.
CREATE FUNCTION public.legacy_stays(leaders uuid[]) RETURNS TABLE (id uuid, why text)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT leader, CASE WHEN bool_or(is_sealed) THEN 'sealed' ELSE 'later' END FROM (
        SELECT line.conversation_id AS leader, earlier.conversation_id IS NULL AS is_later,
               (line.key_id <> '' OR line.first <> '' OR line.hidden <> '')
               AND earlier.conversation_id <> line.conversation_id AS is_sealed
        FROM ONLY public.messages_v2 AS line
        LEFT JOIN LATERAL (
            SELECT conversation_id FROM public.messages WHERE messages.id = line.id OFFSET 0
        ) AS earlier ON true
        WHERE line.conversation_id = ANY (leaders)
    ) AS line
    WHERE is_later OR is_sealed GROUP BY leader
$$;

-- How far one of several had come, and how far each of its two has read on since.
CREATE FUNCTION public.legacy_places(of uuid, here public.conversations_v2, kept jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (WITH side AS (
        SELECT (kept ->> 'requester_id')::uuid AS asker, (kept ->> 'helper_id')::uuid AS helper,
               (kept ->> 'requester_read')::integer AS asker_read, (kept ->> 'helper_read')::integer AS helper_read,
               -- Between two members each may have begun one of them.
               CASE WHEN here.requester_id = (kept ->> 'requester_id')::uuid THEN here.requester_read
                   ELSE here.helper_read END AS asker_there,
               CASE WHEN here.helper_id = (kept ->> 'helper_id')::uuid THEN here.helper_read
                   ELSE here.requester_read END AS helper_there
    ), line AS (
        SELECT said.sequence, said.place, said.sender, said.at FROM pg_temp.legacy_back_lines AS said
        WHERE said.source = of AND said.sequence IS NOT NULL
        UNION ALL
        SELECT 1, CASE WHEN here.id = of THEN 1 ELSE (
                   SELECT said.sequence FROM ONLY public.messages_v2 AS said
                   WHERE said.id = coalesce((kept ->> 'opening_v1_id')::uuid, of)) END,
               (kept ->> 'opening_sender_id')::uuid, (kept ->> 'last_message_at')::timestamptz
    ), counted AS (
        SELECT max(line.sequence) AS last,
               greatest(max(line.at), (kept ->> 'last_message_at')::timestamptz) AS last_at,
               greatest(side.asker_read, max(line.sequence) FILTER (WHERE line.place <= side.asker_there)) AS asker_read,
               greatest(side.helper_read, max(line.sequence) FILTER (WHERE line.place <= side.helper_there))
                   AS helper_read
        FROM side CROSS JOIN line GROUP BY side.asker_read, side.helper_read
    )
    SELECT jsonb_build_object(
        'last_sequence', counted.last, 'last_message_at', counted.last_at,
        'requester_read', counted.asker_read, 'helper_read', counted.helper_read,
        'requester_delivered', greatest((kept ->> 'requester_delivered')::integer, counted.asker_read),
        'helper_delivered', greatest((kept ->> 'helper_delivered')::integer, counted.helper_read),
        'requester_unread', count(*) FILTER (WHERE line.sender = side.helper AND line.sequence > counted.asker_read),
        'helper_unread', count(*) FILTER (WHERE line.sender = side.asker AND line.sequence > counted.helper_read))
    FROM counted CROSS JOIN side CROSS JOIN line
    GROUP BY counted.last, counted.last_at, counted.asker_read, counted.helper_read);
END $$;

-- What stayed is tried again by the next run, unless somebody has settled it.
CREATE FUNCTION public.legacy_forget(the_run bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DELETE FROM public.legacy_moves WHERE run_id = the_run AND outcome = 'quarantined' AND settled_at IS NULL;
$$;

-- The earlier tables hear what was done in V2: what came later, what was taken away, changed, closed or read.
CREATE FUNCTION public.legacy_catch_up() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.messages
        (id, conversation_id, sender_id, recipient_id, help_request_id, content, message_type, moderation_status,
         created_at, updated_at, deleted_at)
    SELECT said.id, said.conversation_id, said.sender_id,
           CASE said.sender_id WHEN side.requester_id THEN side.helper_id WHEN side.helper_id
               THEN side.requester_id END,
           side.help_request_id,
           public.legacy_clear(said.content, said.key_id, said.moderation = 'hidden', said.deleted_at IS NOT NULL),
           CASE WHEN said.type = 'system' THEN 'help_request_update' ELSE 'text' END,
           public.legacy_verdict(said.moderation), said.created_at, said.updated_at, said.deleted_at
    FROM pg_temp.legacy_back_lines AS line JOIN public.legacy_messages AS said ON said.id = line.id
    JOIN public.legacy_conversations AS side ON side.id = said.conversation_id WHERE line.is_later;

    UPDATE public.messages AS earlier SET
        content = said.clear, moderation_status = said.verdict, deleted_at = said.deleted_at,
        updated_at = said.updated_at
    FROM (
        SELECT said.id, public.legacy_clear(said.content, said.key_id, said.moderation = 'hidden',
                   said.deleted_at IS NOT NULL) AS clear, public.legacy_verdict(said.moderation) AS verdict,
               said.moderation = 'hidden' AS is_hidden, said.deleted_at, said.updated_at
        FROM public.legacy_messages AS said JOIN pg_temp.legacy_back_lines AS line ON line.id = said.id
        UNION ALL
        SELECT coalesce(side.opening_v1_id, side.id),
               public.legacy_clear(side.initial_message, side.key_id, side.opening_moderation = 'hidden',
                   side.opening_deleted_at IS NOT NULL), public.legacy_verdict(side.opening_moderation),
               side.opening_moderation = 'hidden', side.opening_deleted_at, side.updated_at
        FROM public.legacy_conversations AS side JOIN pg_temp.legacy_back AS source ON source.id = side.id
    ) AS said
    WHERE earlier.id = said.id AND CASE
        WHEN said.deleted_at IS NOT NULL THEN earlier.deleted_at IS NULL
        WHEN said.is_hidden THEN earlier.moderation_status NOT IN ('hidden', 'removed')
        ELSE earlier.content <> said.clear END;

    UPDATE public.conversations AS earlier SET
        status = CASE WHEN side.status <> 'closed' THEN 'active' WHEN earlier.status = 'active' THEN 'closed'
            ELSE earlier.status END,
        last_message_at = side.last_message_at, updated_at = side.updated_at
    FROM public.legacy_conversations AS side JOIN pg_temp.legacy_back AS source ON source.id = side.id
    WHERE earlier.id = side.id
      AND (side.status, side.last_message_at) IS DISTINCT FROM
          (source.kept ->> 'status', (source.kept ->> 'last_message_at')::timestamptz);

    PERFORM public.legacy_mark(side.id, side.helper_id, (source.kept ->> 'requester_read')::integer,
                               side.requester_read, 'read'),
            public.legacy_mark(side.id, side.requester_id, (source.kept ->> 'helper_read')::integer,
                               side.helper_read, 'read')
    FROM public.legacy_conversations AS side JOIN pg_temp.legacy_back AS source ON source.id = side.id
    WHERE (side.requester_read, side.helper_read) IS DISTINCT FROM
        ((source.kept ->> 'requester_read')::integer, (source.kept ->> 'helper_read')::integer);
END $$;
"""

# What goes back was allowed when it was said, and has its row in the earlier tables.
TRIGGERS = """
DROP TRIGGER legacy_conversations_not_restricted ON public.legacy_conversations;
CREATE TRIGGER legacy_conversations_not_restricted BEFORE INSERT ON public.legacy_conversations
    FOR EACH ROW WHEN (NEW.origin = 'v2' {unless_adopting})
    EXECUTE FUNCTION public.conversations_v2_not_restricted();
DROP TRIGGER legacy_messages_not_restricted ON public.legacy_messages;
CREATE TRIGGER legacy_messages_not_restricted BEFORE INSERT ON public.legacy_messages
    FOR EACH ROW WHEN (NEW.type <> 'system' AND NEW.origin = 'v2'
        {unless_adopting})
    EXECUTE FUNCTION public.messages_v2_not_restricted();
DROP TRIGGER legacy_one_for_each_pair ON public.legacy_conversations;
CREATE TRIGGER legacy_one_for_each_pair BEFORE INSERT ON public.legacy_conversations
    FOR EACH ROW WHEN (NEW.origin = 'v2' {unless_adopting})
    EXECUTE FUNCTION public.legacy_one_for_each_pair();
DROP TRIGGER legacy_adopt_messages ON public.messages;
CREATE TRIGGER legacy_adopt_messages AFTER INSERT ON public.messages REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT
    WHEN (pg_trigger_depth() = 0 {unless_adopting})
    EXECUTE FUNCTION public.legacy_adopt_new();
DROP TRIGGER legacy_follow_ending ON public.conversations;
CREATE TRIGGER legacy_follow_ending AFTER UPDATE OF status ON public.conversations
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND NEW.status <> 'active' AND OLD.status = 'active'
        {unless_adopting})
    EXECUTE FUNCTION public.legacy_follow_ending();
DROP TRIGGER legacy_follow_deleting ON public.messages;
CREATE TRIGGER legacy_follow_deleting AFTER UPDATE OF deleted_at ON public.messages
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND NEW.deleted_at IS NOT NULL AND OLD.deleted_at IS NULL
        {unless_adopting})
    EXECUTE FUNCTION public.legacy_follow_deleting();
DROP TRIGGER legacy_follow_hiding ON public.messages;
CREATE TRIGGER legacy_follow_hiding AFTER UPDATE OF moderation_status ON public.messages
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND NEW.moderation_status IN ('hidden', 'removed')
        AND OLD.moderation_status NOT IN ('hidden', 'removed')
        {unless_adopting})
    EXECUTE FUNCTION public.legacy_follow_hiding();
"""

UNLESS_ADOPTING = "AND current_setting('legacy.is_adopting', true) IS DISTINCT FROM 'yes'"

BACKWARD = """
DROP FUNCTION public.legacy_reverse(uuid[], boolean);
DROP FUNCTION public.legacy_stays(uuid[]);
DROP FUNCTION public.legacy_places(uuid, public.conversations_v2, jsonb);
DROP FUNCTION public.legacy_catch_up();
DROP FUNCTION public.legacy_forget(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("legacy", "0008_settling")]

    operations = [
        migrations.AddField(model_name="run", name="reversed_at", field=models.DateTimeField(null=True)),
        migrations.AlterField(
            model_name="run",
            name="state",
            field=models.CharField(
                choices=[("running", "Running"), ("paused", "Paused"), ("done", "Done"), ("reversed", "Reversed")],
                default="running",
                max_length=8,
            ),
        ),
        migrations.RemoveConstraint(model_name="run", name="legacy_runs_state_known"),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["running", "paused", "done", "reversed"])),
                name="legacy_runs_state_known",
            ),
        ),
        migrations.RunSQL(REVERSE, BACKWARD),
        migrations.RunSQL(TRIGGERS.format(unless_adopting=UNLESS_ADOPTING), TRIGGERS.format(unless_adopting="")),
    ]
