"""The API answers as its own description says, whatever is sent within or without it."""

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, settings
from schemathesis.checks import ignored_auth, positive_data_acceptance

from carecollective import api_docs
from members.services import access
from tests.factories.members import MemberFactory

pytestmark = pytest.mark.committed

schema = schemathesis.openapi.from_dict(api_docs.openapi())
schema.app = WSGIHandler()
# What fits the description can still be refused by a rule: a cursor of nobody, a town we do not serve.
# A wrong session beside a right token is not even looked at; who comes in without either stands in tests/members.
NOT_OURS = [positive_data_acceptance, ignored_auth]


@pytest.fixture
def token() -> str:
    return access.make_token(MemberFactory(), "schemathesis")[1]


@schema.parametrize()
@settings(
    # Each of some fifty operations is tried as often.
    max_examples=settings().max_examples // 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_every_answer_is_one_the_description_knows(case: schemathesis.Case, token: str) -> None:
    # Schemathesis reads what comes without unpacking it.
    answer = case.call(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
    case.validate_response(answer, excluded_checks=NOT_OURS)
