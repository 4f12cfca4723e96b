"""How soon people hear back: only what the last months show, never a wish."""

from django.db import connection

# “Most” is more than half of all requests, those nobody offered on among them. “About a day” is up to 26 hours, so a
# request counts once it has been up that long. Fewer than ten say nothing, and more than 200 say nothing new: ids
# follow time, so the latest are found by the primary key. One statement, because offers live in the room above.
MOST_HEAR_BACK = """
SELECT count(*) >= 10 AND count(first_offer) * 2 > count(*) FROM (
    SELECT (
        SELECT min(offer.created_at) FROM conversations_v2 AS offer
        WHERE offer.help_request_id = request.id AND offer.created_at <= request.created_at + interval '26 hours'
    ) AS first_offer
    FROM help_requests AS request
    WHERE request.created_at BETWEEN now() - interval '90 days' AND now() - interval '26 hours'
    ORDER BY request.id DESC LIMIT 200
) AS latest
"""


def within_about_a_day() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(MOST_HEAR_BACK)
        row = cursor.fetchone()
    return bool(row and row[0])
