"""The job of the worker that posts alarms where operators look at them."""

from django.conf import settings

from carecollective.jobs import GrowingPauses, app
from features import webhook
from features.models import Alarm


@app.task(name="features.post_alarm", queue="alarms", retry=GrowingPauses())
def post_alarm(*, alarm: str) -> None:
    # It may have been taken away since.
    if settings.ALERT_WEBHOOK_URL:
        webhook.post(settings.ALERT_WEBHOOK_URL, {"text": Alarm.objects.get(pk=alarm).sentence})
