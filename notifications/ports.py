"""What the notices room offers the frame."""

from notifications.kinds import KINDS, Mail

MAILED = ", ".join(f"'{kind.name}'" for kind in KINDS.values() if kind.bell and kind.mail is not Mail.NEVER)

INVARIANTS = {
    "notices are counted without a gap": """
        SELECT notice.member_id FROM notices AS notice JOIN notice_counters AS counter USING (member_id)
        GROUP BY notice.member_id, counter.last
        HAVING max(notice.number) - min(notice.number) + 1 <> count(*) OR max(notice.number) <> counter.last
    """,
    # Parked jobs are forgotten after two months, so older notices are not asked about. (S608: our own kinds.)
    "16 every mail was sent, is not wanted any more, or has its job": f"""
        SELECT notice.id FROM notices AS notice JOIN events AS event ON event.id = notice.event_id
        WHERE event.kind IN ({MAILED}) AND notice.mailed_at IS NULL AND notice.read_at IS NULL
        AND event.at > now() - interval '30 days' AND NOT EXISTS (
            SELECT 1 FROM procrastinate_jobs AS job
            WHERE job.task_name = 'notifications.send_notice' AND job.args ->> 'notice' = notice.id::text
            AND job.status IN ('todo', 'doing', 'failed')
        )
    """,  # noqa: S608
}
