"""The statements of `community`: each counts one thing over some weeks, and says by whom, so that few can be hidden."""

# By hand, because each is one pass over its rows, whatever their number; as querysets they would be one for each cell.
# Who stands behind a cell is told as up to five of them: fewer than five are all there are, and hide the cell.

# What reached whoever asked; words that were held or refused never did.
DELIVERED = "status <> 'held' AND opening_moderation NOT IN ('held', 'refused')"
FIRST_SEEN = "coalesce(opening_released_at, created_at)"
# Counted from 1. The Mondays come as moments, so that no row has to be asked for its day in the zone of the site.
WEEK = "width_bucket({moment}, %(mondays)s::timestamptz[])"

# One pass over the requests for both, by week and by topic; each first by person, so nobody is sorted out twice.
REQUESTS = f"""
WITH offers AS (
    SELECT help_request_id, min({FIRST_SEEN}) AS first_at, bool_or(offer_state = 'accepted') AS is_accepted
    FROM conversations_v2
    WHERE help_request_id IS NOT NULL AND created_at >= %(start)s AND {DELIVERED}
    GROUP BY help_request_id
), asked AS MATERIALIZED (
    SELECT requester_id, category, {WEEK.format(moment="created_at")} AS week,
        extract(epoch FROM first_at - created_at) / 3600 AS hours,
        is_accepted, is_accepted AND status = 'completed' AS is_done
    FROM help_requests AS request LEFT JOIN offers ON offers.help_request_id = request.id
    WHERE created_at >= %(start)s AND moderation NOT IN ('held', 'refused')
), by_person AS (
    SELECT week, category, requester_id AS person, count(*) AS asked, count(hours) AS offered,
        count(*) FILTER (WHERE is_accepted) AS accepted, count(*) FILTER (WHERE is_done) AS done
    FROM asked GROUP BY GROUPING SETS ((week, requester_id), (category, requester_id))
), counted AS (
    SELECT week, category, sum(asked)::int AS asked, (array_agg(person))[1:5] AS askers,
        sum(offered)::int AS offered, (array_agg(person) FILTER (WHERE offered > 0))[1:5] AS offered_to,
        sum(accepted)::int AS accepted, (array_agg(person) FILTER (WHERE accepted > 0))[1:5] AS accepting,
        sum(done)::int AS done, (array_agg(person) FILTER (WHERE done > 0))[1:5] AS helped
    FROM by_person GROUP BY week, category
), medians AS (
    SELECT category, percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) AS hours FROM asked GROUP BY category
)
SELECT week, category, asked, askers, offered, offered_to, accepted, accepting, done, helped, medians.hours
FROM counted LEFT JOIN medians USING (category)
"""  # noqa: S608 (only what is written above)
# One row for each week, and one without for all of them: who helped in two weeks is one person.
HELPERS = f"""
WITH offers AS (
    SELECT helper_id, {WEEK.format(moment=FIRST_SEEN)} AS week, count(*) AS made
    FROM conversations_v2
    WHERE help_request_id IS NOT NULL AND created_at >= %(start)s AND {DELIVERED}
    GROUP BY 1, 2
), helpers AS (
    SELECT sum(made) AS made, row_number() OVER (ORDER BY sum(made) DESC) AS place FROM offers GROUP BY helper_id
)
SELECT week, count(*)::int, NULL::float FROM offers GROUP BY week
UNION ALL
SELECT NULL, count(*)::int, (sum(made) FILTER (WHERE place <= 3) / sum(made))::float FROM helpers
"""  # noqa: S608 (only what is written above)
# The first decision of each case that counted, for a second look must not make us look slower or faster.
SAFETY = f"""
WITH told AS (
    SELECT count(*) AS reports, count(DISTINCT reporter_id) AS people
    FROM message_reports WHERE created_at >= %(start)s
), chats AS (
    SELECT id, requester_id, helper_id FROM conversations_v2 WHERE last_message_at >= %(start)s AND {DELIVERED}
), decided AS (
    SELECT found.author_id, found.source, found.due_at,
        (SELECT min(coalesce(counts_from, decided_at)) FROM decisions
         WHERE case_id = found.id AND standing IN ('in_force', 'overturned')) AS at,
        found.opened_at
    FROM moderation_cases AS found WHERE found.opened_at >= %(start)s AND found.state <> 'merged'
), again AS (
    SELECT appeal.appellant_id, last.action = 'overturn' AS is_reversed
    FROM appeals AS appeal JOIN moderation_cases AS its_case ON its_case.id = appeal.case_id
    JOIN decisions AS last ON last.id = its_case.decision_id
    WHERE last.standing = 'in_force' AND last.decided_at >= %(start)s
)
SELECT 'reports', (SELECT 100.0 * reports / nullif((SELECT count(*) FROM chats), 0) FROM told)::float,
    least((SELECT people FROM told), (SELECT count(*) FROM (SELECT requester_id FROM chats UNION
        SELECT helper_id FROM chats LIMIT 5) AS them))::int
UNION ALL
SELECT 'hours', percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM at - opened_at) / 3600),
    count(DISTINCT author_id)::int
FROM decided WHERE at IS NOT NULL AND source <> 'appeal'
UNION ALL
SELECT 'kept', avg((at IS NOT NULL AND at <= due_at)::int)::float, count(DISTINCT author_id)::int
FROM decided WHERE at IS NOT NULL OR due_at < statement_timestamp()
UNION ALL
SELECT 'reversed', avg(is_reversed::int)::float, count(DISTINCT appellant_id)::int FROM again
"""  # noqa: S608 (only what is written above)
# What stood above words when they were read, and whether their reader said that it is fine.
WARNED = f"""
SELECT avg((caution = 'fine')::int)::float, count(DISTINCT reader)::int FROM (
    SELECT said.caution,
        CASE said.sender_id WHEN thread.requester_id THEN thread.helper_id ELSE thread.requester_id END AS reader
    FROM messages_v2 AS said JOIN conversations_v2 AS thread ON thread.id = said.conversation_id
    WHERE said.caution <> '' AND said.created_at >= %(start)s AND said.sequence IS NOT NULL
    UNION ALL
    SELECT opening_caution, requester_id FROM conversations_v2
    WHERE opening_caution <> '' AND created_at >= %(start)s AND {DELIVERED}
) AS warned
"""  # noqa: S608 (only what is written above)
