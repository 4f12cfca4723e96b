"""What the help requests room offers the frame."""

from carecollective.ports import Job
from help_requests import reads
from help_requests.reportable import REPORTABLE
from help_requests.services import expiry

JOBS = [
    Job("close_expired_requests", "*/10 * * * *", expiry.close_expired_requests),
    Job("remind_of_expiry", "15 * * * *", expiry.remind_of_expiry),
]

INVARIANTS = {
    "no_open_request_is_long_past_its_end": """
        SELECT id FROM help_requests WHERE status = 'open' AND expires_at < now() - interval '1 day'
    """,
}

PERSONAL_DATA = {"help_requests": reads.of_one_member}

__all__ = ["INVARIANTS", "JOBS", "PERSONAL_DATA", "REPORTABLE"]
