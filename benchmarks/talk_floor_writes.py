"""The floor of the two hot writes: all that the site checks, locks and keeps, without leaving the database."""

# Restrictions in force of somebody: of the strictest kind for whoever comes in, of any for whoever writes.
RESTRICTED = """
    SELECT FROM user_restrictions AS kept
    WHERE kept.member_id = {who} AND kept.lifted_at IS NULL
      AND tstzrange(kept.starts_at, kept.ends_at) @> clock_timestamp()
"""
BANNED = RESTRICTED + " AND kept.level = 'banned'"

WHO = f"""
    SELECT m.id INTO me FROM api_tokens AS t JOIN members AS m ON m.id = t.member_id
    WHERE t.digest = encode(sha256(convert_to(token, 'UTF8')), 'hex')
      AND m.is_active AND m.verification_status = 'approved' AND NOT EXISTS ({BANNED.format(who="m.id")});
"""  # noqa: S608 (only what is written above)

LIMIT = """
    INSERT INTO limit_hits AS kept (name, subject, moments) VALUES ('{name}', me::text, ARRAY[clock_timestamp()])
    ON CONFLICT (name, subject) DO UPDATE SET moments =
        ARRAY(SELECT m FROM unnest(kept.moments) AS m WHERE m > clock_timestamp() - interval '{window}')
        || clock_timestamp()
    WHERE (SELECT count(*) FROM unnest(kept.moments) AS m WHERE m > clock_timestamp() - interval '{window}') < {most};
    IF NOT FOUND THEN RAISE EXCEPTION 'limit'; END IF;
"""

# Event, number, notice, mail and attempt: what comes of it for others, and for the operators.
TOLD = """
    INSERT INTO events (id, kind, actor_id, about_kind, about_id, data)
    VALUES (('00000000-0000-7001-d000-' || made)::uuid, '{event}', me, 'conversation', thread::text, {facts});
    INSERT INTO notice_counters AS counter (member_id, last) VALUES (other, 1)
    ON CONFLICT (member_id) DO UPDATE SET last = counter.last + 1 RETURNING last INTO count;
    INSERT INTO notices (id, member_id, event_id, number)
    VALUES (('00000000-0000-7001-e000-' || made)::uuid, other, ('00000000-0000-7001-d000-' || made)::uuid, count);
    INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES
        ('mail', 'notifications.send_notice', jsonb_build_object('notice', '00000000-0000-7001-e000-' || made));
    INSERT INTO attempts (kind, version, endpoint, code, milliseconds, flag_state, member_id, conversation_id,
                          request_id)
    VALUES ('{attempt}', 2, '/api/messaging/conversations/<uuid:conversation_id>/messages', 'success', 1, '', me,
            thread, made);
"""

OFFERED = TOLD.format(
    event="offer_received", facts="jsonb_build_object('help_request', wanted)", attempt="start_conversation"
)
SENT = TOLD.format(
    event="message_received", facts="jsonb_build_object('message', said, 'sequence', place)", attempt="send_message"
)

BLOCKED = f"""(EXISTS (
        SELECT FROM member_blocks WHERE (blocker_id, blocked_id) IN ((me, other), (other, me)))
        OR EXISTS ({RESTRICTED.format(who="me")}) OR EXISTS ({BANNED.format(who="other")}))"""

OFFER = f"""
CREATE FUNCTION bench_offer(token text, wanted uuid, key text, words text, made text) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
    me uuid; other uuid; can boolean; count bigint; thread uuid := ('00000000-0000-7001-b000-' || made)::uuid;
BEGIN
    {WHO}
    IF EXISTS (SELECT FROM conversations_v2 WHERE helper_id = me AND client_id = key AND client_id <> '') THEN
        RAISE EXCEPTION 'said before';
    END IF;
    {LIMIT.format(name="conversations", window="1 hour", most=10)}
    SELECT request.requester_id, request.moderation = '' AND (request.status = 'in_progress'
               OR (request.status = 'open' AND coalesce(request.expires_at > statement_timestamp(), true)))
               AND helper.is_active AND helper.verification_status = 'approved' INTO other, can
    FROM help_requests AS request CROSS JOIN members AS helper WHERE request.id = wanted AND helper.id = me
    FOR SHARE OF request, helper;
    INSERT INTO conversations_v2 (id, kind, help_request_id, requester_id, helper_id, opening_sender_id,
                                  initial_message, opening_digest, client_id, offer_state, offered_at)
    SELECT thread, 'help', wanted, other, me, me, words, encode(sha256(convert_to(words, 'UTF8')), 'hex'), key,
           'offered', statement_timestamp()
    WHERE can AND NOT {BLOCKED}
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RAISE EXCEPTION 'not made'; END IF;
    INSERT INTO message_audit_log (conversation_id, message_id, sequence, actor_id, deed)
    VALUES (thread, thread, 1, me, 'sent');
    {OFFERED}
    RETURN json_build_object('success', true, 'conversation_id', thread, 'help_request_id', wanted, 'status', 'active',
                             'version', 2, 'message', 'Conversation created successfully');
END $$;
"""  # noqa: S608 (only what is written above)

SEND = f"""
CREATE FUNCTION bench_send(token text, thread uuid, key text, words text, made text) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
    me uuid; other uuid; can boolean; place integer; moment timestamptz; count bigint;
    said uuid := ('00000000-0000-7001-c000-' || made)::uuid;
BEGIN
    {WHO}
    SELECT CASE WHEN me = t.requester_id THEN t.helper_id ELSE t.requester_id END,
           t.status = 'active' AND coalesce(t.offer_state, 'offered') IN ('offered', 'accepted', 'expired')
               AND sender.is_active AND sender.verification_status = 'approved' INTO other, can
    FROM conversations_v2 AS t CROSS JOIN members AS sender
    WHERE t.id = thread AND sender.id = me AND me IN (t.requester_id, t.helper_id)
    FOR NO KEY UPDATE OF t FOR SHARE OF sender;
    IF can IS NOT TRUE OR {BLOCKED}
       OR EXISTS (SELECT FROM messages_v2 WHERE sender_id = me AND client_id = key AND client_id <> '') THEN
        RAISE EXCEPTION 'not said';
    END IF;
    {LIMIT.format(name="messages", window="1 minute", most=50)}
    UPDATE conversations_v2 AS t SET
        last_sequence = last_sequence + 1, last_message_at = greatest(clock_timestamp(), last_message_at),
        updated_at = clock_timestamp(), requester_unread = requester_unread + (me = helper_id)::int,
        helper_unread = helper_unread + (me = requester_id)::int
    WHERE id = thread RETURNING last_sequence, last_message_at INTO place, moment;
    INSERT INTO messages_v2 (id, conversation_id, sender_id, sequence, content, digest, client_id, created_at,
                             updated_at)
    VALUES (said, thread, me, place, words, encode(sha256(convert_to(words, 'UTF8')), 'hex'), key, moment, moment);
    INSERT INTO message_audit_log (conversation_id, message_id, sequence, actor_id, deed)
    VALUES (thread, said, place, me, 'sent');
    {SENT}
    RETURN json_build_object('success', true, 'message_id', said, 'conversation_id', thread, 'sequence', place,
                             'created_at', moment, 'encrypted', false, 'message', 'Message sent successfully');
END $$;
"""  # noqa: S608 (only what is written above)
