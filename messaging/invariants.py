"""What must always be true of conversations and cannot be said as a constraint; numbers as in the list of promises."""

INVARIANTS = {
    "3 the requester of a conversation owns its request": """
        SELECT thread.id FROM conversations_v2 AS thread JOIN help_requests AS request
        ON request.id = thread.help_request_id WHERE request.requester_id <> thread.requester_id
    """,
    "4 every message is from one of the two": """
        SELECT said.id FROM messages_v2 AS said JOIN conversations_v2 AS thread ON thread.id = said.conversation_id
        WHERE said.sender_id NOT IN (thread.requester_id, thread.helper_id)
    """,
    "5 and 6 sequences are gapless from 2 and end at last_sequence": """
        SELECT thread.id FROM conversations_v2 AS thread LEFT JOIN messages_v2 AS said
        ON said.conversation_id = thread.id GROUP BY thread.id
        HAVING thread.last_sequence <> 1 + count(said.sequence)
            OR thread.last_sequence <> coalesce(max(said.sequence), 1)
    """,
    "6 last_message_at is the moment of the last message": """
        SELECT thread.id FROM conversations_v2 AS thread LEFT JOIN messages_v2 AS said
        ON said.conversation_id = thread.id AND said.sequence = thread.last_sequence
        WHERE thread.last_message_at
            <> coalesce(said.released_at, said.created_at, thread.opening_released_at, thread.created_at)
    """,
    "6 unread counts are what was said after the read position": """
        SELECT thread.id FROM conversations_v2 AS thread
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE sender_id = thread.helper_id AND sequence > thread.requester_read) AS asker,
                   count(*) FILTER (WHERE sender_id = thread.requester_id AND sequence > thread.helper_read) AS helper
            FROM (SELECT sender_id, sequence FROM messages_v2 WHERE conversation_id = thread.id
                  UNION ALL SELECT thread.opening_sender_id, 1) AS said
        ) AS unread
        WHERE (thread.requester_unread, thread.helper_unread) <> (unread.asker, unread.helper)
    """,
    "8 the accepted helper of a request is the one of its accepted offer": """
        SELECT request.id FROM help_requests AS request FULL JOIN (
            SELECT * FROM conversations_v2 WHERE offer_state = 'accepted'
        ) AS thread ON thread.help_request_id = request.id
        WHERE (request.status = 'in_progress' AND thread.helper_id IS DISTINCT FROM request.helper_id)
           OR (thread.id IS NOT NULL AND (request.status NOT IN ('in_progress', 'completed')
                                          OR request.helper_id IS DISTINCT FROM thread.helper_id))
    """,
    "9 no offer was made after its request was over": """
        SELECT thread.id FROM conversations_v2 AS thread JOIN help_requests AS request
        ON request.id = thread.help_request_id
        WHERE thread.origin = 'v2' AND request.status IN ('completed', 'cancelled', 'closed')
          AND thread.created_at - interval '10 seconds' -- both are the moments their transactions began
              > coalesce(request.completed_at, request.cancelled_at, request.closed_at)
    """,
    "10 nobody wrote while a restriction forbade it": """
        SELECT said.id FROM (
            SELECT id, sender_id AS writer, created_at AS at, edited_at FROM messages_v2
            WHERE origin = 'v2' AND type <> 'system'
            UNION ALL SELECT id, opening_sender_id, created_at, opening_edited_at FROM conversations_v2
            WHERE origin = 'v2'
        ) AS said JOIN user_restrictions AS restriction
        ON restriction.member_id = said.writer AND restriction.level <> 'limited'
        CROSS JOIN LATERAL (SELECT tstzrange(starts_at, least(ends_at, lifted_at)) AS time) AS in_force
        WHERE said.at <@ in_force.time OR said.edited_at <@ in_force.time
    """,
    "10 nobody started a conversation while a limit forbade it": """
        SELECT thread.id FROM conversations_v2 AS thread JOIN user_restrictions AS restriction
        ON restriction.member_id = thread.opening_sender_id
        WHERE thread.origin = 'v2' AND thread.created_at <@ tstzrange(starts_at, least(ends_at, lifted_at))
    """,
    "16 every conversation and message has its record": """
        SELECT said.id FROM (
            SELECT id, 1 AS sequence FROM conversations_v2 WHERE origin = 'v2'
            UNION ALL SELECT id, sequence FROM messages_v2 WHERE origin = 'v2'
        ) AS said LEFT JOIN message_audit_log AS kept
        ON kept.message_id = said.id AND kept.deed = 'sent' AND (kept.sequence = said.sequence
            OR kept.sequence IS NULL AND (said.sequence IS NULL OR EXISTS (
                SELECT FROM message_audit_log AS given WHERE given.conversation_id = kept.conversation_id
                AND given.message_id = said.id AND given.deed = 'moderated' AND given.sequence = said.sequence)))
        WHERE kept.id IS NULL
    """,
    "16 every conversation has its event": """
        SELECT thread.id FROM conversations_v2 AS thread WHERE origin = 'v2' AND status <> 'held' AND NOT EXISTS (
            SELECT FROM events WHERE about_kind = 'conversation' AND about_id = thread.id::text
            AND kind IN ('offer_received', 'conversation_started')
        )
    """,
    "a plan that counts belongs to an accepted offer": """
        SELECT plan.id FROM plans AS plan JOIN conversations_v2 AS thread ON thread.id = plan.conversation_id
        WHERE plan.cancelled_at IS NULL AND (thread.offer_state <> 'accepted'
              OR thread.help_request_id <> plan.help_request_id)
    """,
    "one thank-you, from who asked to who helped": """
        SELECT thanks.id FROM thanks JOIN messages_v2 AS said ON said.id = thanks.message_id
        JOIN conversations_v2 AS thread ON thread.id = said.conversation_id
        WHERE thread.help_request_id <> thanks.help_request_id OR said.sender_id <> thread.requester_id
    """,
    "14 the log of messages is as it was sealed": """
        SELECT entry.sequence FROM audit_log AS entry WHERE entry.action = 'message_log_sealed' AND (
            entry.details ->> 'digest' <> message_audit_log_digest(
                (entry.details ->> 'first')::bigint, (entry.details ->> 'last')::bigint)
            OR (entry.details ->> 'entries')::bigint <> (SELECT count(*) FROM message_audit_log WHERE id BETWEEN
                (entry.details ->> 'first')::bigint AND (entry.details ->> 'last')::bigint)
        )
    """,
    # Shown on the rollout page. The first two stand in the schema, too, as long as nobody takes its rules away.
    "no conversation is without its opening": """
        SELECT id FROM conversations_v2 WHERE opening_sender_id IS NULL
           OR (initial_message = '' AND opening_deleted_at IS NULL AND opening_hidden = ''
               AND NOT (origin = 'v1' AND opening_moderation = 'hidden')) -- it stands where that was hidden
    """,
    "no conversation is without its two people": """
        SELECT thread.id FROM conversations_v2 AS thread
        LEFT JOIN members AS asker ON asker.id = thread.requester_id
        LEFT JOIN members AS helper ON helper.id = thread.helper_id
        WHERE asker.id IS NULL OR helper.id IS NULL OR asker.id = helper.id
    """,
    # Looked at every day, so a day is as far back as it has to reach.
    "no success of the attempt log lost its conversation": """
        SELECT attempt.id FROM attempts AS attempt
        WHERE attempt.kind IN ('start_conversation', 'send_message') AND attempt.at > now() - interval '24 hours'
          AND attempt.code = 'success' AND NOT EXISTS (
              SELECT FROM conversations_v2 WHERE id = attempt.conversation_id)
    """,
}
