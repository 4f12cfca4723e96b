"""What the notices room offers the frame."""

import json

from carecollective.ports import PersonalData
from notifications import preferences
from notifications.kinds import KINDS, Mail


def mails_lost() -> str:
    """Parked jobs are forgotten after two months, so older notices are not asked about."""
    mailed = ", ".join(f"'{kind.name}'" for kind in KINDS.values() if kind.bell and kind.mail is not Mail.NEVER)
    optional = ", ".join(f"'{kind.name}'" for kind in KINDS.values() if kind.mail is Mail.OPTIONAL)
    pauses = json.dumps({kind.name: int(kind.pause.total_seconds()) for kind in KINDS.values() if kind.pause})
    return f"""
        SELECT notice.id FROM notices AS notice JOIN events AS event ON event.id = notice.event_id
        WHERE event.kind IN ({mailed}) AND notice.mailed_at IS NULL AND notice.read_at IS NULL
        AND event.at > now() - interval '30 days' AND NOT EXISTS (
            SELECT 1 FROM procrastinate_jobs AS job
            WHERE job.task_name = 'notifications.send_notice' AND job.args ->> 'notice' = notice.id::text
            AND job.status IN ('todo', 'doing', 'failed')
        ) AND NOT EXISTS (
            SELECT 1 FROM notices AS other JOIN events AS alike ON alike.id = other.event_id
            WHERE other.member_id = notice.member_id AND alike.kind = event.kind
            AND alike.about_kind = event.about_kind AND alike.about_id = event.about_id
            AND other.mailed_at > event.at - interval '1 second' * ('{pauses}'::jsonb ->> event.kind)::int
        ) AND NOT EXISTS (
            -- Mail was off then or is now; what was not wanted at its time is not made up for.
            SELECT 1 FROM messaging_preferences AS chosen
            WHERE chosen.member_id = notice.member_id AND event.kind IN ({optional})
            AND (chosen.email = 'off' OR chosen.updated_at > event.at)
        )
    """  # noqa: S608 (our own kinds)


INVARIANTS = {
    "notices are counted without a gap": """
        SELECT notice.member_id FROM notices AS notice JOIN notice_counters AS counter USING (member_id)
        GROUP BY notice.member_id, counter.last
        HAVING max(notice.number) - min(notice.number) + 1 <> count(*) OR max(notice.number) <> counter.last
    """,
    "16 every mail was sent, is not wanted any more, or has its job": mails_lost(),
}

PERSONAL_DATA = {"alerts": PersonalData(export=preferences.as_data)}
