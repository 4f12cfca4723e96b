"""What the members room offers the frame."""

from carecollective.ports import Job, live_keys
from members import letters, limits
from members.reportable import REPORTABLE

JOBS = [Job("forget_old_limit_hits", "23 3 * * *", limits.forget_old)]

LETTERS = {
    "confirm_email": letters.confirm_email,
    "already_member": letters.already_member,
    "password_reset": letters.password_reset,
}

INVARIANTS = {
    **live_keys("second_factors", "member_id", "key_id"),
    "no_session_or_token_older_than_a_rejection": """
        SELECT member.id FROM members AS member
        JOIN verification_status_changes AS change ON change.member_id = member.id AND change.to_status = 'rejected'
        LEFT JOIN member_sessions AS session ON session.member_id = member.id AND session.created_at < change.created_at
        LEFT JOIN api_tokens AS token ON token.member_id = member.id AND token.created_at < change.created_at
        WHERE session.session_key IS NOT NULL OR token.id IS NOT NULL
    """,
    "status_is_the_last_change": """
        SELECT member.id FROM members AS member
        JOIN LATERAL (
            SELECT to_status FROM verification_status_changes AS change
            WHERE change.member_id = member.id ORDER BY created_at DESC, id DESC LIMIT 1
        ) AS last ON true
        WHERE last.to_status <> member.verification_status
    """,
}

__all__ = ["INVARIANTS", "JOBS", "LETTERS", "REPORTABLE"]
