"""Work for later: jobs deferred inside the writing transaction, and how often a failed one is tried again."""

from typing import Any

from procrastinate import App, RetryDecision
from procrastinate.contrib.django import app as site_app
from procrastinate.jobs import Job as Deferred
from procrastinate.retry import BaseRetryStrategy

MINUTE, HOUR = 60, 3600

# About three days in all, so a mail server may be away over a weekend; then the job is parked and health says so.
PAUSES = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR)

# Jobs deferred through this app use Django's own connection, so they commit and roll back with their cause.
app: App = site_app


class GrowingPauses(BaseRetryStrategy):
    """Tries again after longer and longer pauses; after the last one the job stays failed: parked."""

    def __init__(self, pauses: tuple[int, ...] = PAUSES):
        self.pauses = pauses

    def get_retry_decision(self, *, exception: BaseException, job: Deferred) -> RetryDecision | None:
        if job.attempts >= len(self.pauses):
            return None
        pause: Any = {"seconds": self.pauses[job.attempts]}
        return RetryDecision(retry_in=pause)
