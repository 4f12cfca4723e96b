"""The jobs of the worker that send mail."""

from procrastinate import JobContext

from carecollective.jobs import GrowingPauses, app
from notifications import mails


@app.task(name="notifications.send_notice", queue="mail", retry=GrowingPauses(), pass_context=True)
def send_notice(context: JobContext, *, notice: str) -> None:
    mails.send_notice(notice, job_id=context.job.id or 0)


@app.task(name="notifications.send_letter", queue="mail", retry=GrowingPauses(), pass_context=True)
def send_letter(context: JobContext, *, kind: str, about: str) -> None:
    mails.send_letter(kind, about, job_id=context.job.id or 0)
