"""Every attempt is counted once, as what it came to; nobody's words are."""

import json
import logging
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client, RequestFactory
from drf_spectacular.generators import EndpointEnumerator

from carecollective.errors import every_refusal
from features import attempts, flag
from features.models import Attempt
from features.states import State
from members.models import Member
from members.services import access
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.features.doors import CONVERSATION, Api, counted_api, page, say

pytestmark = pytest.mark.urls("tests.features.doors")
ANY: dict[str, Any] = {"kind": "send_message", "version": 2, "member_id": uuid4(), "conversation_id": CONVERSATION}


def visitor(member: Member | None = None, **options: Any) -> Client:
    """A browser that goes on when the site breaks, as browsers do."""
    browser = browser_of(member) if member else Client(**options)
    browser.raise_request_exception = False
    return browser


def token_client(member: Member) -> Client:
    return visitor(headers={"authorization": f"Bearer {access.make_token(member, 'phone')[1]}"})


def call(client: Client, what: str) -> Any:
    return client.post("/api/try", {"what": what}, content_type="application/json")


def kept() -> list[tuple[Any, ...]]:
    return list(Attempt.objects.order_by("id").values_list("kind", "code", "version"))


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """The log lines of attempts, each with what it says."""
    caplog.set_level(logging.INFO)
    usual = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}

    def found() -> list[dict[str, Any]]:
        records = [record for record in caplog.records if record.name == "features.attempts"]
        return [{"event": r.msg} | {k: v for k, v in vars(r).items() if k not in usual} for r in records]

    return found


@pytest.mark.committed
class TestWithTheTransaction:
    def test_a_success_is_kept_when_the_verb_commits(self, lines: Any) -> None:
        member = MemberFactory()
        answer = call(token_client(member), "offer help")
        assert answer.status_code == 201
        row = Attempt.objects.get()
        assert (row.kind, row.code, row.version, row.endpoint) == ("start_conversation", "success", 2, "/api/try")
        assert (row.member_id, row.conversation_id) == (member.pk, CONVERSATION)
        assert row.request_id == answer["X-Request-ID"]
        assert row.milliseconds is not None
        assert row.at is not None
        (line,) = lines()
        assert line.pop("duration_ms") >= 0
        assert line == {
            "event": "messaging.conversation.created",
            "version": 2,
            "success": True,
            "conversation_id": str(CONVERSATION),
            "help_request_id": "00000000-0000-0000-0000-000000000003",
            "category": "groceries-meals",
            "urgency": "normal",
        }

    @pytest.mark.parametrize("what", ["refuse before", "refuse after"])
    def test_a_refusal_is_kept_though_the_verb_is_rolled_back(self, what: str, lines: Any) -> None:
        member = MemberFactory()
        answer = call(token_client(member), what)
        assert (answer.status_code, answer.json()["error"]) == (400, "help_request_unavailable")
        row = Attempt.objects.get()
        assert (row.code, row.member_id, row.conversation_id) == ("help_request_unavailable", member.pk, None)
        assert row.request_id == answer["X-Request-ID"]
        (line,) = lines()
        assert line.pop("duration_ms") >= 0
        version = 2 if what == "refuse after" else 1
        assert line == {
            "event": "messaging.error",
            "version": version,
            "error_code": "help_request_unavailable",
            "endpoint": "/api/try",
        }

    @pytest.mark.parametrize("what", ["break", "fail at commit"])
    def test_a_fault_over_the_api(self, what: str, lines: Any) -> None:
        assert call(token_client(MemberFactory()), what).status_code == 500
        assert kept() == [("start_conversation", "server_error", 2)]
        assert [(line["event"], line["error_code"]) for line in lines()] == [("messaging.error", "server_error")]

    @pytest.mark.parametrize("what", ["break", "fail at commit"])
    def test_a_fault_of_a_page_goes_on_unchanged(self, what: str) -> None:
        request = RequestFactory().post("/page/", {"what": what})
        request.user = MemberFactory()
        with pytest.raises(ZeroDivisionError if what == "break" else DatabaseError):
            page(request)
        assert Attempt.objects.get().member_id == request.user.pk
        assert kept() == [("start_conversation", "server_error", 2)]

    @pytest.mark.parametrize(("what", "version"), [("lose the connection early", 1), ("lose the connection", 2)])
    def test_a_connection_lost_on_the_way_loses_no_count(self, what: str, version: int) -> None:
        assert call(token_client(MemberFactory()), what).status_code == 503
        assert kept() == [("start_conversation", "service_unavailable", version)]

    def test_a_row_that_cannot_be_kept_does_not_change_the_answer(
        self, lines: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = token_client(MemberFactory())
        monkeypatch.setattr(attempts, "INSERT", "INSERT INTO nowhere VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)")
        assert call(client, "refuse before").status_code == 400
        assert [line["event"] for line in lines()] == ["messaging.attempt_not_kept", "messaging.error"]
        assert kept() == []

    def test_outside_a_transaction_there_is_no_success(self) -> None:
        with pytest.raises(RuntimeError, match="inside the transaction"):
            attempts.succeeded(**ANY)
        assert kept() == []

    def test_a_verb_called_by_nobody_on_the_web_is_kept_and_logged_at_its_commit(self, lines: Any) -> None:
        for is_kept in (False, True):
            with transaction.atomic():
                attempts.succeeded("send_message", version=1, member_id=uuid4(), conversation_id=CONVERSATION)
                assert lines() == []
                transaction.set_rollback(not is_kept)
        row = Attempt.objects.get()
        assert (row.endpoint, row.milliseconds, row.request_id) == ("", None, "")
        assert [line["event"] for line in lines()] == ["messaging.message.sent"]


@pytest.mark.django_db
class TestWhatIsCounted:
    def test_the_same_key_again_is_a_replay(self, asker: Member) -> None:
        assert call(token_client(asker), "again").status_code == 201
        assert kept() == [("start_conversation", "replayed", 1)]
        browser_of(asker).post("/page/", {"what": "again"})
        assert kept()[1:] == [("start_conversation", "replayed", 1)]
        assert set(Attempt.objects.values_list("member_id", flat=True)) == {asker.pk}

    @pytest.mark.parametrize(("state", "version"), [("off", 1), ("on", 2)])
    def test_what_ends_before_it_went_any_way_went_that_of_the_flag(self, state: str, version: int) -> None:
        flag.keep(flag.Answer(State.parse(state)))
        call(visitor(), "again")
        assert kept() == [("start_conversation", "not_authenticated", version)]

    def test_looking_is_no_attempt(self, asker: Member, lines: Any) -> None:
        assert token_client(asker).get("/api/try").status_code == 200
        browser_of(asker).get("/page/")
        browser_of(asker).head("/page/")
        assert (kept(), lines()) == ([], [])

    def test_a_refused_form_is_kept_with_its_refusal(self, asker: Member) -> None:
        for text in ("", "refuse before"):
            assert browser_of(asker).post("/form/7/", {"text": text}).status_code == 400
        assert [code for _, code, _ in kept()] == ["validation_error", "help_request_unavailable"]
        assert set(Attempt.objects.values_list("endpoint", flat=True)) == {"/form/<int:number>/"}

    def test_a_page_may_name_the_refusal_it_answers_by_leading_on(self, asker: Member, lines: Any) -> None:
        assert browser_of(asker).post("/leads-on/").status_code == 302
        assert kept() == [("start_conversation", "conversation_exists", 1)]
        assert [line["error_code"] for line in lines()] == ["conversation_exists"]

    @pytest.mark.parametrize(("status", "code"), [(204, "replayed"), (404, "validation_error"), (503, "server_error")])
    def test_an_answer_that_names_no_refusal_is_known_by_its_status(self, status: int, code: str) -> None:
        assert visitor().post(f"/bare/{status}/").status_code == status
        assert kept() == [("send_message", code, 1)]

    def test_a_stranger_is_counted_without_being_known(self) -> None:
        assert call(visitor(), "again").status_code == 401
        assert call(visitor(headers={"authorization": "Bearer nonsense"}), "again").status_code == 401
        assert list(Attempt.objects.values_list("code", "member_id")) == [("not_authenticated", None)] * 2

    def test_a_session_nobody_asked_for_is_not_read(self, asker: Member, django_assert_num_queries: Any) -> None:
        browser = browser_of(asker)
        browser.raise_request_exception = False
        flag.answer()
        with django_assert_num_queries(1):
            answer = browser.post(
                "/api/try", {"what": "x"}, "application/json", headers={"authorization": "Bearer nonsense"}
            )
        assert answer.status_code == 401
        assert Attempt.objects.get().member_id is None

    def test_a_success_costs_one_statement(self, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(1):
            attempts.succeeded(**ANY)

    def test_the_longest_request_id_and_a_long_route_fit(self, asker: Member, monkeypatch: Any) -> None:
        monkeypatch.setattr(attempts, "route_of", lambda request: "/" + "x" * 300)
        client = token_client(asker)
        client.post("/api/try", {"what": "y"}, "application/json", headers={"x-request-id": "r" * 64})
        row = Attempt.objects.get()
        assert (row.code, len(row.endpoint), row.request_id) == ("success", 100, "r" * 64)

    def test_every_code_fits(self) -> None:
        most = Attempt._meta.get_field("code").max_length or 0
        assert all(len(refusal.code) <= most for refusal in every_refusal())

    def test_the_view_stays_one_that_the_description_finds(self) -> None:
        assert counted_api.cls is Api
        assert counted_api.csrf_exempt
        assert counted_api.__doc__ == "Its own words."
        found = EndpointEnumerator(urlconf="tests.features.doors").get_api_endpoints()
        assert {(path, method) for path, _, method, _ in found} == {("/api/try", "GET"), ("/api/try", "POST")}


@pytest.mark.django_db
class TestNoWords:
    def test_a_fault_with_words_in_it_leaves_none(self, lines: Any) -> None:
        call(visitor(), "break")
        client = token_client(MemberFactory())
        call(client, "break")
        rows = json.dumps(list(Attempt.objects.values()), default=str)
        assert "mother" not in rows + json.dumps(lines())
        assert "server_error" in rows

    def test_facts_that_could_be_words_are_refused(self) -> None:
        with pytest.raises(ValueError, match="text is not kept here"):
            attempts.succeeded(**ANY, title="My dear")
        assert kept() == []


@pytest.mark.django_db
class TestTheSiteOnlyAdds:
    @pytest.mark.parametrize("statement", ["UPDATE attempts SET code = 'success'", "DELETE FROM attempts"])
    def test_the_role_of_the_site_is_refused(self, statement: str) -> None:
        attempts.succeeded(**ANY)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            say(statement)
        assert Attempt.objects.count() == 1

    @pytest.mark.parametrize(("column", "value"), [("kind", "other"), ("version", 3)])
    def test_what_is_not_known_is_refused(self, column: str, value: object) -> None:
        with pytest.raises(DatabaseError, match=f"attempts_{column}_is_known"), transaction.atomic():
            Attempt.objects.create(**{"kind": "send_message", "code": "success", column: value})


@pytest.mark.django_db
@pytest.mark.urls("carecollective.urls")
class TestAtTheDesk:
    ADDRESS = "/admin/features/attempt/"

    def test_an_operator_reads_it_and_cannot_write(self, operator: Member) -> None:
        attempts.succeeded(**ANY)
        row, browser = Attempt.objects.get(), browser_of(operator)
        assert b"success" in browser.get(self.ADDRESS).content
        for sought, shown in ((ANY["member_id"], 1), (CONVERSATION, 1), ("success", 1), ("x y'", 0)):
            answer = browser.get(self.ADDRESS, {"q": str(sought)})
            assert answer.context["cl"].result_count == shown
        assert browser.get(f"{self.ADDRESS}{row.pk}/change/").status_code == 200
        assert browser.post(f"{self.ADDRESS}{row.pk}/change/", {"code": "x"}).status_code == 403
        assert browser.get(f"{self.ADDRESS}add/").status_code == 403
        assert browser.post(f"{self.ADDRESS}{row.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_a_moderator_does_not(self, moderator: Member) -> None:
        assert browser_of(moderator).get(self.ADDRESS).status_code == 403
