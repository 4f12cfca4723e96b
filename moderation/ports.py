"""What the moderation room offers the frame."""

from carecollective.ports import PersonalData, live_keys
from moderation import reads

INVARIANTS = {
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
}
