"""The job of the worker that posts alarms where operators look at them."""

import json
import urllib.request

from django.conf import settings

from carecollective.jobs import GrowingPauses, app
from features.models import Alarm

PATIENCE = 10


class Unmoved(urllib.request.HTTPRedirectHandler):
    """An address that leads elsewhere is not the one an operator set."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


@app.task(name="features.post_alarm", queue="alarms", retry=GrowingPauses())
def post_alarm(*, alarm: str) -> None:
    # It may have been taken away since.
    if not settings.ALERT_WEBHOOK_URL:
        return
    body = json.dumps({"text": Alarm.objects.get(pk=alarm).sentence}).encode()
    request = urllib.request.Request(  # noqa: S310 (the scheme is read strictly at the start)
        settings.ALERT_WEBHOOK_URL, body, {"Content-Type": "application/json", "User-Agent": "carecollective"}
    )
    with urllib.request.build_opener(Unmoved).open(request, timeout=PATIENCE):
        pass
