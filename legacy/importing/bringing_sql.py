"""The statements that write a batch of conversations: those that are here stay as they are."""

BATCH = "SELECT id FROM pg_temp.import_todo WHERE number BETWEEN %s AND %s ORDER BY number"

CONVERSATIONS = """
INSERT INTO conversations (id, help_request_id, created_by, title, status, created_at, updated_at, last_message_at)
SELECT id, help_request_id, created_by, title, status, coalesce(created_at, last_message_at, now()),
       coalesce(updated_at, last_message_at, created_at, now()), last_message_at
FROM pg_temp.import_conversations WHERE id = ANY (%s) ON CONFLICT DO NOTHING
"""

# Somebody was chosen there, and their conversation comes now. Nobody here has moved the request meanwhile.
CHOOSE = """
UPDATE help_requests AS request SET status = 'in_progress', helper_id = chosen.helper_id, in_progress_at = chosen.at
FROM pg_temp.import_chosen AS chosen
WHERE request.id = chosen.id AND request.status = 'open' AND request.helper_id IS NULL
  AND request.requester_id <> chosen.helper_id AND EXISTS (SELECT FROM members WHERE id = chosen.helper_id)
  AND request.id IN (
      SELECT thread.help_request_id FROM conversations AS thread WHERE thread.id = ANY (%s)
      AND NOT EXISTS (SELECT FROM conversations_v2 WHERE id = thread.id)
  )
RETURNING request.id
"""

PARTICIPANTS = """
INSERT INTO conversation_participants (conversation_id, user_id, joined_at, left_at, role)
SELECT conversation_id, user_id, coalesce(joined_at, now()), left_at, coalesce(role, 'member')
FROM pg_temp.import_participants WHERE conversation_id = ANY (%s) ON CONFLICT DO NOTHING
"""

MESSAGES = """
INSERT INTO messages (id, conversation_id, sender_id, recipient_id, help_request_id, content, message_type, status,
                      read_at, is_flagged, flagged_reason, moderation_status, created_at, updated_at, deleted_at)
SELECT it.id, conversation_id, sender_id, recipient_id, it.help_request_id, coalesce(content, ''), message_type,
       it.status, read_at, is_flagged, flagged_reason, moderation_status,
       coalesce(it.created_at, thread.created_at), coalesce(it.updated_at, it.created_at, thread.created_at), deleted_at
FROM pg_temp.import_messages AS it JOIN conversations AS thread ON thread.id = it.conversation_id
WHERE conversation_id = ANY (%s) ON CONFLICT DO NOTHING
"""

# Nobody of the two had said a word, so nobody was found: as in the earlier system's worst days. It is open again.
NOT_CHOSEN = """
UPDATE help_requests AS request SET status = 'open', helper_id = NULL, in_progress_at = NULL
WHERE id = ANY (%s) AND NOT EXISTS (
    SELECT FROM conversations_v2 WHERE help_request_id = request.id AND offer_state = 'accepted'
)
"""

HOW_MANY = """
SELECT (SELECT count(*) FROM pg_temp.import_conversations),
       (SELECT count(DISTINCT id) FROM pg_temp.import_conversations AS it
        WHERE NOT EXISTS (SELECT FROM conversations WHERE id = it.id)),
       (SELECT count(*) FROM pg_temp.import_participants),
       (SELECT count(DISTINCT (conversation_id, user_id)) FROM pg_temp.import_participants AS it
        WHERE NOT EXISTS (SELECT FROM conversation_participants AS here
                          WHERE here.conversation_id = it.conversation_id AND here.user_id = it.user_id)),
       (SELECT count(*) FROM pg_temp.import_messages),
       (SELECT count(DISTINCT id) FROM pg_temp.import_messages AS it
        WHERE NOT EXISTS (SELECT FROM messages WHERE id = it.id))
"""
