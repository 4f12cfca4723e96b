"""Who is calling the API: a token of an API client, or the session of the web with its CSRF token."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, CSRFCheck, SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from carecollective.errors import CsrfFailed, NotSignedIn
from members.doors import caller
from members.models import ApiToken, Member
from members.models.bans import failing_closed, is_banned_sql
from members.models.standing import look_up
from members.paused import Act, Paused
from members.services.access import digest_of

TOKEN_LENGTH = len("care_") + 43

# By hand, because every call of the API asks it: writing the same SQL anew costs the ORM more than all the rest.
TOKEN_COLUMNS = [field.attname for field in ApiToken._meta.concrete_fields]
MEMBER_COLUMNS = [field.attname for field in Member._meta.concrete_fields]
FIND = f"""
SELECT {is_banned_sql("member.id")},
    {", ".join(f"token.{name}" for name in TOKEN_COLUMNS)}, {", ".join(f"member.{name}" for name in MEMBER_COLUMNS)}
FROM api_tokens AS token JOIN members AS member ON member.id = token.member_id WHERE token.digest = %s
"""  # noqa: S608 (only names of our own columns)


class Account(ModelBackend):
    """Finds the member of a session; passwords are checked by the verb `sign_in`, and nowhere else."""

    def authenticate(self, request: Any, username: Any = None, password: Any = None, **more: Any) -> None:
        return None

    def get_user(self, user_id: Any) -> Member | None:
        with failing_closed():
            member = Member.objects.coming_in().filter(pk=user_id).first()
        return member if self.user_can_authenticate(member) else None


class Token(BaseAuthentication):
    """One indexed read finds token and member; the day of use is written once a day."""

    def authenticate(self, request: Request) -> tuple[Member, ApiToken] | None:
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        token = _find_token(text.strip()) if kind.lower() == "bearer" else None
        if token is None or _is_kept_out(token.member):
            raise NotSignedIn("This token is not one of ours, or it was revoked.")
        _mark_used_today(token)
        return token.member, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class Session(SessionAuthentication):
    def enforce_csrf(self, request: Any) -> None:
        check = CSRFCheck(lambda request: HttpResponse())
        check.process_request(request)
        if check.process_view(request, HttpResponse, (), {}):
            raise CsrfFailed()


class SignedInOnly(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            raise NotSignedIn()
        return True


class ApprovedOnly(SignedInOnly):
    def has_permission(self, request: Request, view: Any) -> bool:
        super().has_permission(request, view)
        member = caller(request)
        if member.is_banned:
            raise Paused(look_up(member.pk), member).refusal(Act.COME_IN)
        member.must_be_approved()
        return True


def _find_token(text: str) -> ApiToken | None:
    if len(text) != TOKEN_LENGTH:
        return None
    with failing_closed(), connection.cursor() as cursor:
        cursor.execute(FIND, [digest_of(text)])
        found = cursor.fetchone()
    if found is None:
        return None
    is_banned, *row = found
    token = ApiToken.from_db(connection.alias, TOKEN_COLUMNS, row[: len(TOKEN_COLUMNS)])
    token.member = Member.from_db(connection.alias, MEMBER_COLUMNS, row[len(TOKEN_COLUMNS) :])
    token.member.is_banned = is_banned
    return token


def _is_kept_out(member: Member) -> bool:
    return member.is_rejected or member.is_banned or not member.is_active


def _mark_used_today(token: ApiToken) -> None:
    today = timezone.now().date()
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
