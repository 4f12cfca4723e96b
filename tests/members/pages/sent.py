"""The letters that wait for the worker, and what a page said."""

from html import unescape
from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from members.models import Member


def letters_to(member: Member) -> list[str]:
    jobs = ProcrastinateJob.objects.filter(args__about=str(member.pk)).order_by("id")
    return [job.args["kind"] for job in jobs if "kind" in job.args]


def every_letter() -> int:
    return ProcrastinateJob.objects.filter(args__has_key="kind").count()


def said(answer: Any) -> str:
    return unescape(answer.content.decode())


def without_tokens(answer: Any) -> str:
    """The page but for what differs each time it is made."""
    body = said(answer)
    for mark in ('name="csrfmiddlewaretoken" value="', 'nonce="'):
        while (start := body.find(mark)) >= 0:
            end = body.index('"', start + len(mark))
            body = body[:start] + body[end:]
    return body
