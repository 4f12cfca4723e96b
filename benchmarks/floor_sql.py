"""The floor of each scenario: who asks, what they may, what they get and what is kept, as one statement."""

# Whoever is banned does not come in, and what moderators hold or hid is nobody's to read but its asker's.
NOT_BANNED = """NOT EXISTS (
        SELECT FROM user_restrictions AS kept WHERE kept.member_id = m.id AND kept.level = 'banned'
          AND kept.lifted_at IS NULL AND tstzrange(kept.starts_at, kept.ends_at) @> clock_timestamp())"""

# pgbench fills in :member, :request and :turn anew each time; :session is one session of the web, :key one per run.

BY_CALLER = f"""
WITH me AS (
    SELECT m.* FROM api_tokens AS t JOIN members AS m ON m.id = t.member_id
    WHERE t.digest = encode(sha256(convert_to('care_' || lpad(:member::text, 43, '0'), 'UTF8')), 'hex')
      AND m.is_active AND m.verification_status = 'approved' AND {NOT_BANNED}
)"""  # noqa: S608 (only what is written above)

BY_SESSION = f"""
WITH me AS (
    SELECT m.* FROM member_sessions AS s JOIN members AS m ON m.id = s.member_id
    WHERE s.session_key = :session::text AND s.expire_date > now()
      AND m.is_active AND m.verification_status = 'approved' AND {NOT_BANNED}
)"""  # noqa: S608 (only what is written above)

# Every column the list shows, with what this caller may know.
SHOWN = """
    r.id, r.title, r.category, r.subcategory, r.urgency, r.needed_by, r.is_ongoing, r.location_privacy, r.ending,
    CASE WHEN current OR involved THEN r.description ELSE '' END, r.exchange_offer,
    CASE WHEN r.status = 'open' AND r.expires_at <= now() THEN 'closed' ELSE r.status END,
    CASE WHEN (current OR involved) AND (r.location_privacy = 'public' OR involved) THEN r.town ELSE '' END,
    r.created_at, r.updated_at, r.expires_at, r.in_progress_at, r.completed_at, r.cancelled_at, r.closed_at,
    r.reopened_at, r.requester_id, asker.called, r.helper_id, helper.called
FROM help_requests AS r
JOIN members AS asker ON asker.id = r.requester_id LEFT JOIN members AS helper ON helper.id = r.helper_id
CROSS JOIN LATERAL (
    SELECT r.status IN ('open', 'in_progress') AND NOT (r.status = 'open' AND coalesce(r.expires_at <= now(), false))
           AS current,
           (SELECT id FROM me) IN (r.requester_id, r.helper_id) AS involved
) AS facts
"""

NEWEST = f"""
SELECT {SHOWN}
WHERE (SELECT id FROM me) IS NOT NULL AND (r.moderation = '' OR involved) AND r.status IN ('open', 'in_progress')
  AND NOT (r.status = 'open' AND r.expires_at IS NOT NULL AND r.expires_at <= now())
ORDER BY r.created_at DESC, r.id DESC LIMIT 21;
"""  # noqa: S608 (only what is written above)

BROWSE = BY_CALLER + NEWEST
BROWSE_BY_SESSION = BY_SESSION + NEWEST

READ_ONE = f"""{BY_CALLER} SELECT {SHOWN}
WHERE r.id = ('00000000-0000-7000-8000-' || lpad(to_hex(:request::bigint), 12, '0'))::uuid
  AND (SELECT id FROM me) IS NOT NULL AND (r.moderation = '' OR involved);
"""  # noqa: S608 (only what is written above)

ME = f"""{BY_CALLER}
SELECT id, email, name, called, town, about, time_zone, verification_status, created_at FROM me;
"""  # noqa: S608 (only what is written above)

# As the site does it: one post of a person at a time, the same key once, ten a day.
POST = f"""
WITH me AS (
    SELECT m.id, m.town FROM api_tokens AS t JOIN members AS m ON m.id = t.member_id
    WHERE t.digest = encode(sha256(convert_to('care_' || lpad(:member::text, 43, '0'), 'UTF8')), 'hex')
      AND m.is_active AND m.verification_status = 'approved' AND {NOT_BANNED}
    FOR NO KEY UPDATE OF m
), taken AS (
    INSERT INTO limit_hits AS kept (name, subject, moments)
    SELECT 'help_requests', me.id::text, ARRAY[clock_timestamp()] FROM me
    WHERE NOT EXISTS (
        SELECT FROM help_requests AS r
        WHERE r.requester_id = me.id AND r.client_id = :key::text || :client::text || '-' || :turn::text
    )
    ON CONFLICT (name, subject) DO UPDATE SET moments =
        ARRAY(SELECT m FROM unnest(kept.moments) AS m WHERE m > clock_timestamp() - interval '1 day')
        || clock_timestamp()
    WHERE (SELECT count(*) FROM unnest(kept.moments) AS m WHERE m > clock_timestamp() - interval '1 day') < 10
    RETURNING 1
)
INSERT INTO help_requests (id, requester_id, title, description, category, subcategory, urgency, is_ongoing,
                           exchange_offer, town, location_privacy, status, ending, expires_at, client_id, client_digest)
SELECT gen_random_uuid(), me.id, 'Pick up groceries on Tuesday',
       'My hip hurts and I cannot carry bags. The market on Oak Street has all of it.', 'groceries-meals',
       'shopping-delivery', 'urgent', false, 'I can bake bread.', me.town, 'public', 'open', '',
       now() + interval '30 days', :key::text || :client::text || '-' || :turn::text, repeat('0', 64)
FROM me, taken
RETURNING id, title, status, created_at, updated_at, expires_at;
"""  # noqa: S608 (only what is written above)
