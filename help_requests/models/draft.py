"""A request somebody is writing: kept from page to page, so a reload, a lost signal or another phone loses nothing."""

from django.db import models
from django.db.models.functions import Now

from carecollective.database import new_id
from members.models import Member


class Drafts(models.QuerySet["RequestDraft"]):
    def of(self, member: Member) -> "RequestDraft":
        """What they have written so far; reading makes no row."""
        draft = self.filter(pk=member.pk).first() or self.model()
        draft.member = member
        return draft


class RequestDraft(models.Model):
    member = models.OneToOneField(Member, primary_key=True, on_delete=models.CASCADE, related_name="request_draft")
    # The key it is posted under: however often and in however many windows somebody presses, it becomes one request.
    client_id = models.UUIDField(default=new_id)
    # By question, as the forms of asking take them.
    answers = models.JSONField(default=dict)
    started_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    objects = Drafts.as_manager()

    class Meta:
        db_table = "request_drafts"

    def __str__(self) -> str:
        return f"draft of {self.pk}"
