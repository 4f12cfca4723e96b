"""What the help requests room offers the frame."""

from carecollective.ports import Job, PersonalData
from help_requests import reads
from help_requests.reportable import REPORTABLE
from help_requests.services import drafting, expiry

JOBS = [
    Job("close_expired_requests", "*/10 * * * *", expiry.close_expired_requests),
    Job("remind_of_expiry", "15 * * * *", expiry.remind_of_expiry),
    Job("forget_old_request_drafts", "35 3 * * *", drafting.forget_old_drafts),
]

INVARIANTS = {
    "no_open_request_is_long_past_its_end": """
        SELECT id FROM help_requests WHERE status = 'open' AND expires_at < now() - interval '1 day'
    """,
    "no_draft_outlives_the_request_it_became": """
        SELECT draft.member_id FROM request_drafts AS draft JOIN help_requests AS request
        ON request.requester_id = draft.member_id AND request.client_id = draft.client_id::text
    """,
}

PERSONAL_DATA = {
    "help_requests": PersonalData(export=reads.of_one_member),
    "request_being_written": PersonalData(export=drafting.export),
}

__all__ = ["INVARIANTS", "JOBS", "PERSONAL_DATA", "REPORTABLE"]
