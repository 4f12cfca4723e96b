"""The ways in: sessions of the web, tokens of API clients."""

from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Now

from carecollective.database import new_id
from members.models.member import Member


class MemberSession(AbstractBaseSession):
    """Knows whose it is, so all sessions of a person can be ended at once."""

    member_id = models.UUIDField(null=True, db_index=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "member_sessions"

    @classmethod
    def get_session_store_class(cls) -> Any:
        from members.sessions import SessionStore

        return SessionStore


class ApiToken(models.Model):
    """Only the digest of a token is kept; the token itself is shown once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    last_four = models.CharField(max_length=4)
    created_at = models.DateTimeField(db_default=Now())
    last_used_on = models.DateField(null=True)

    class Meta:
        db_table = "api_tokens"

    def __str__(self) -> str:
        return self.name
