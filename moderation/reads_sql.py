"""The statements of `reads_desk`: what waits and what was decided, with the records of the people beside it."""

from members.models.bans import IS_ACTIVE

# Whoever is part of a case learns nothing of it here either: not who reported, nor that anybody did.
NOT_A_PARTY = """
    found.author_id <> %(me)s
    AND NOT EXISTS (SELECT FROM message_reports WHERE case_id = found.id AND reporter_id = %(me)s)
    AND NOT EXISTS (SELECT FROM appeals WHERE case_id = found.id AND appellant_id = %(me)s)
    AND NOT EXISTS (SELECT FROM appeals JOIN decisions ON decisions.id = appeals.decision_id
        JOIN message_reports AS report ON report.case_id = decisions.case_id
        WHERE appeals.case_id = found.id AND report.reporter_id = %(me)s)
    AND NOT EXISTS (SELECT FROM conversations_v2 AS thread WHERE thread.id = found.conversation_id
        AND %(me)s IN (thread.requester_id, thread.helper_id))
"""
FILTERED = """
    (%(source)s = '' OR found.source = %(source)s) AND (NOT %(safety)s OR found.is_safety)
    AND (NOT %(mine)s OR found.claimed_by_id = %(me)s AND found.claimed_until > now())
    AND (%(q)s = '' OR found.number::text = %(q)s
        OR found.author_id IN (SELECT id FROM members WHERE strpos(lower(called), lower(%(q)s)) > 0))
"""
# "Upheld" is what the standing decision says now, so a reversal counts at once.
UPHELD = "decision.standing = 'in_force' AND decision.action NOT IN ('nothing', 'keep', 'overturn')"
PEOPLE = f"""
    LEFT JOIN LATERAL (
        SELECT count(*) AS reports, array_agg(DISTINCT reason) AS reasons, array_agg(DISTINCT reporter_id) AS reporters
        FROM message_reports WHERE case_id = found.id
    ) AS told ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS reports, count(*) FILTER (WHERE {UPHELD}) AS upheld FROM message_reports AS report
        JOIN moderation_cases AS its_case ON its_case.id = report.case_id
        LEFT JOIN decisions AS decision ON decision.id = its_case.decision_id
        WHERE report.author_id = found.author_id AND report.created_at > now() - interval '30 days'
    ) AS about ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS reports, count(*) FILTER (WHERE {UPHELD}) AS upheld FROM message_reports AS report
        JOIN moderation_cases AS its_case ON its_case.id = report.case_id
        LEFT JOIN decisions AS decision ON decision.id = its_case.decision_id
        WHERE report.reporter_id = ANY (told.reporters)
    ) AS by_them ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT category) AS categories
        FROM moderation_finds AS hit, jsonb_array_elements_text(hit.categories) AS category WHERE hit.case_id = found.id
    ) AS hits ON true
    LEFT JOIN members AS author ON author.id = found.author_id
    LEFT JOIN members AS holder ON holder.id = found.claimed_by_id AND found.claimed_until > now()
    LEFT JOIN help_requests AS request
        ON found.target_kind = 'help_request' AND request.id = found.target_id AND NOT found.is_held
    LEFT JOIN decisions AS meant ON found.target_kind = 'decision' AND meant.id = found.target_id
    LEFT JOIN moderation_cases AS meant_case ON meant_case.id = meant.case_id
"""  # noqa: S608 (only what is written above)
SHOWN_COLUMNS = """
    'case' AS kind, found.id, found.number, found.source, found.target_kind, found.is_safety, found.is_held,
    found.due_at, author.called AS author, coalesce(told.reasons, '{}') AS reasons,
    coalesce(hits.categories, '{}') AS categories, told.reports, about.reports AS author_reports,
    about.upheld AS author_upheld, coalesce(cardinality(told.reporters), 0) AS reporters,
    by_them.reports AS reporter_reports, by_them.upheld AS reporter_upheld, request.title, holder.called AS holder,
    holder.id IS NOT DISTINCT FROM %(me)s AS is_mine,
    found.handed_on_by_id IS NOT DISTINCT FROM %(me)s AS was_handed_on,
    meant_case.number AS meant_number, meant.action AS meant_action, meant.until AS meant_until,
    meant.decided_at AS meant_at
"""
OPEN = f"""
WITH page AS (
    (SELECT true AS is_case, id, is_safety, due_at FROM moderation_cases AS found
     WHERE state = 'open' AND %(source)s <> 'question' AND {FILTERED} AND {NOT_A_PARTY}
        AND (%(last_id)s::uuid IS NULL OR is_safety < %(last_safety)s
            OR is_safety = %(last_safety)s AND (due_at, id) > (%(last_due)s, %(last_id)s))
     ORDER BY is_safety DESC, due_at, id LIMIT %(limit)s)
    UNION ALL
    (SELECT false, id, false, created_at + %(promise)s FROM questions
     WHERE answered_at IS NULL AND asker_id <> %(me)s AND %(questions)s
        AND (%(last_id)s::uuid IS NULL OR %(last_safety)s
            OR (created_at + %(promise)s, id) > (%(last_due)s, %(last_id)s))
     ORDER BY created_at, id LIMIT %(limit)s)
    ORDER BY is_safety DESC, due_at, id LIMIT %(limit)s
), shown AS (
    SELECT {SHOWN_COLUMNS},
        EXISTS (SELECT FROM decisions WHERE case_id = found.id AND standing = 'waiting') AS waits_for_second
    FROM page JOIN moderation_cases AS found ON page.is_case AND found.id = page.id {PEOPLE}
    UNION ALL
    SELECT 'question', page.id, NULL, 'question', 'question', false, false, page.due_at, asker.called, '{{}}', '{{}}',
        0, 0, 0, 0, 0, 0, NULL, NULL, false, false, NULL, NULL, NULL, NULL, false
    FROM page JOIN questions ON NOT page.is_case AND questions.id = page.id
    JOIN members AS asker ON asker.id = questions.asker_id
)
SELECT * FROM shown ORDER BY is_safety DESC, due_at, id
"""  # noqa: S608 (only what is written above)
DECIDED = f"""
WITH page AS (
    SELECT found.id AS case_id, last.id, last.decided_at, last.action, last.standing, last.decided_by_id
    FROM moderation_cases AS found JOIN decisions AS last ON last.id = found.decision_id
    WHERE {FILTERED} AND {NOT_A_PARTY} AND (%(action)s = '' OR last.action = %(action)s)
        AND (NOT %(by_me)s OR last.decided_by_id = %(me)s)
        AND (%(last_id)s::uuid IS NULL OR (last.decided_at, last.id) < (%(last_due)s, %(last_id)s))
    ORDER BY last.decided_at DESC, last.id DESC LIMIT %(limit)s
)
SELECT {SHOWN_COLUMNS}, page.decided_at, page.action, page.standing, page.id AS decision_id, judge.called AS decided_by
FROM page JOIN moderation_cases AS found ON found.id = page.case_id {PEOPLE}
JOIN members AS judge ON judge.id = page.decided_by_id
ORDER BY page.decided_at DESC, page.id DESC
"""  # noqa: S608 (only what is written above)
ONE = f"""
SELECT {SHOWN_COLUMNS}, EXISTS (SELECT FROM decisions WHERE case_id = found.id AND standing = 'waiting')
    AS waits_for_second
FROM moderation_cases AS found {PEOPLE} WHERE found.id = %(id)s
"""  # noqa: S608 (only what is written above)
LAST_CLOSED = """
SELECT max(decision.decided_at) FROM moderation_cases AS found JOIN decisions AS decision
ON decision.id = found.decision_id
"""
COUNTS = f"""
SELECT (SELECT count(*) FROM moderation_cases AS found WHERE state = 'open' AND {NOT_A_PARTY}),
       (SELECT count(*) FROM moderation_cases AS found WHERE state = 'open' AND is_safety AND {NOT_A_PARTY}),
       (SELECT count(*) FROM moderation_cases AS found WHERE state = 'open' AND due_at < now() AND {NOT_A_PARTY}),
       (SELECT count(*) FROM questions WHERE answered_at IS NULL AND asker_id <> %(me)s),
       (SELECT count(*) FROM members
        WHERE verification_status = 'pending' AND email_confirmed_at IS NOT NULL AND is_active),
       (SELECT count(*) FROM user_restrictions WHERE look_again_on <= current_date AND {IS_ACTIVE} AND decision_id IN (
            SELECT decisions.id FROM decisions JOIN moderation_cases AS found ON found.id = decisions.case_id
            WHERE {NOT_A_PARTY}))
"""  # noqa: S608 (only what is written above)
