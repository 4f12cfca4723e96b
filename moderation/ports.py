"""What the moderation room offers the frame."""

from carecollective.ports import Job, PersonalData, live_keys
from moderation import reads, reads_desk
from moderation.admin.members import section
from moderation.services import cases, report_alarm, telling

JOBS = [
    Job("tell_of_decisions", "* * * * *", telling.tell),
    Job("look_at_how_many_report", "*/5 * * * *", report_alarm.raise_alarm),
]

DESK_NEEDS = reads_desk.needs
DESK_MEMBER = section

EVENT_LISTENERS = {"text_held": cases.open_for_find, "text_flagged": cases.open_for_find}

DECISIONS_ABOUT = reads.decisions_behind

INVARIANTS = {
    **live_keys("moderation_finds", "id", "evidence_key_id"),
    **live_keys("decisions", "id", "facts_key_id", "words_key_id", "reporter_words_key_id"),
    **live_keys("appeals", "id", "words_key_id"),
    "13 every decision has exactly one entry in the audit log": """
        SELECT decision.id FROM decisions AS decision
        WHERE (SELECT count(*) FROM audit_log AS entry
               WHERE entry.action = 'case_decided' AND entry.subject_id = decision.id::text) <> 1
    """,
    "13 a decided case is decided by one of its decisions": """
        SELECT found.id FROM moderation_cases AS found JOIN decisions AS decision ON decision.id = found.decision_id
        WHERE decision.case_id <> found.id
    """,
    "13 what stands decided a case, and nothing waits in one that was put to another": """
        SELECT found.id FROM moderation_cases AS found
        WHERE (found.state <> 'decided'
               AND EXISTS (SELECT FROM decisions WHERE case_id = found.id AND standing = 'in_force'))
           OR (found.state = 'merged' AND (EXISTS (SELECT FROM message_reports WHERE case_id = found.id)
               OR EXISTS (SELECT FROM moderation_finds WHERE case_id = found.id)))
    """,
    "13 nobody is kept from anything by a decision that does not stand": """
        SELECT held.id FROM user_restrictions AS held JOIN decisions AS decision ON decision.id = held.decision_id
        WHERE decision.standing IN ('undone', 'refused', 'overturned')
          AND held.lifted_at IS NULL AND (held.ends_at IS NULL OR held.ends_at > now())
    """,
    "16 every decision was told when its ten minutes were over": """
        SELECT id FROM decisions
        WHERE standing = 'in_force' AND told_at IS NULL AND counts_from < now() - interval '15 minutes'
    """,
    **live_keys("message_reports", "id", "description_key_id", "evidence_key_id"),
    **live_keys("questions", "id", "words_key_id", "answer_key_id"),
    "12 every reporter of a message or conversation was one of the two": """
        SELECT report.id FROM message_reports AS report JOIN conversations_v2 AS thread
        ON thread.id = report.conversation_id
        WHERE report.reporter_id NOT IN (thread.requester_id, thread.helper_id)
           OR report.author_id NOT IN (thread.requester_id, thread.helper_id)
    """,
}

PERSONAL_DATA = {
    "reports": PersonalData(export=reads.reports_in_full),
    "questions": PersonalData(export=reads.questions_in_full),
    "decisions_about_me": PersonalData(export=reads.decisions_in_full),
    "restrictions": PersonalData(export=reads.restrictions_in_full),
}
