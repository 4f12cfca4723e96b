"""The small cast every test plays with."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from members import roles
from members.models import Member
from tests.factories.members import MemberFactory


@pytest.fixture
def asker() -> Member:
    return MemberFactory(name="Ana Torres", called="Ana", email="ana@example.org")


@pytest.fixture
def helper() -> Member:
    return MemberFactory(name="Ben Okafor", called="Ben", email="ben@example.org")


@pytest.fixture
def outsider() -> Member:
    return MemberFactory(name="Olga Weiss", called="Olga", email="olga@example.org")


@pytest.fixture
def waiting() -> Member:
    return MemberFactory(name="Wen Li", called="Wen", email="wen@example.org", waiting=True)


@pytest.fixture
def declined() -> Member:
    return MemberFactory(name="Dan Moor", called="Dan", email="dan@example.org", declined=True)


@pytest.fixture
def verifier() -> Member:
    return MemberFactory(name="Vera Lund", called="Vera", email="vera@example.org", role=roles.VERIFIER)


@pytest.fixture
def moderator() -> Member:
    return MemberFactory(name="Mo Haddad", called="Mo", email="mo@example.org", role=roles.MODERATOR)


@pytest.fixture
def auditor() -> Member:
    return MemberFactory(name="Aud Berg", called="Aud", email="aud@example.org", role=roles.AUDITOR)


@pytest.fixture
def operator() -> Member:
    return MemberFactory(name="Opal Reyes", called="Opal", email="opal@example.org", role=roles.OPERATOR)


def browser_of(member: Member) -> Client:
    """A signed-in browser; staff have passed their second step."""
    browser = Client()
    browser.force_login(member)
    if member.is_staff:
        session = browser.session
        session["second_factor"] = "passed"
        session.save()
    return browser


def client_of(member: Member) -> APIClient:
    """An API client that has already said who it is."""
    client = APIClient()
    client.force_authenticate(member)
    return client
