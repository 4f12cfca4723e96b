"""Every refusal has its own code, a sentence, and its place in the description of the API."""

import json
from pathlib import Path

import pytest
from django.db.utils import OperationalError
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory
from jsonschema import Draft202012Validator
from psycopg import errors as postgres

from carecollective import api_docs, error_pages, errors, http

DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
REFUSALS = errors.every_refusal()


def test_no_code_stands_for_two_things() -> None:
    codes = [refusal.code for refusal in REFUSALS]
    assert len(codes) == len(set(codes)) == 19


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_a_refusal_is_one_plain_sentence_written_down(refusal: type[errors.Refusal]) -> None:
    assert refusal.sentence[0].isupper()
    assert not any(word in refusal.sentence.lower() for word in ("invalid", "error", "oops", "exception"))
    assert f"| `{refusal.code}` | {refusal.status} |" in DOCS


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_programs_and_people_read_the_same_refusal(refusal: type[errors.Refusal]) -> None:
    api = http.answer(RequestFactory().get("/api/x"), refusal())
    body = json.loads(api.content)
    assert api.status_code == refusal.status
    assert (body["success"], body["error"], body["message"]) == (False, refusal.code, refusal().words)
    page = http.answer(RequestFactory().get("/x/"), refusal())
    if refusal is not errors.NotSignedIn:
        assert page.status_code == refusal.status
        assert "</html>" in page.content.decode()


def test_the_description_names_the_refusals_every_operation_can_answer_with() -> None:
    for path, methods in api_docs.openapi()["paths"].items():
        for method, operation in methods.items():
            documented = set(operation["responses"])
            assert {"400", "401", "403", "404", "405", "413", "415", "429", "500", "503"} <= documented, (path, method)


def test_every_answer_in_the_description_has_an_example_that_fits_it() -> None:
    validator = Draft202012Validator({"components": api_docs.openapi()["components"]})
    for path, methods in api_docs.openapi()["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                for content in answer.get("content", {}).values():
                    assert content.get("examples"), (path, method, status)
                    for example in content["examples"].values():
                        faults = list(validator.evolve(schema=_whole(content["schema"])).iter_errors(example["value"]))
                        assert not faults, (path, method, status, faults[0].message)


def _whole(schema: dict) -> dict:
    return {**schema, "components": api_docs.openapi()["components"]}


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (postgres.QueryCanceled(), 503),
        (postgres.LockNotAvailable(), 503),
        (postgres.DeadlockDetected(), 503),
        (postgres.DiskFull(), 503),
        (postgres.AdminShutdown(), 503),
        (postgres.ConnectionFailure(), 503),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_database_that_is_away_is_not_our_callers_fault(cause: Exception, status: int) -> None:
    problem = OperationalError("secret words")
    problem.__cause__ = cause
    refusal = http.refusal_from(problem)
    assert refusal.status == status
    assert "retry_after" in refusal.extras
    assert "secret" not in refusal.words


def test_what_nobody_foresaw_says_nothing_of_itself() -> None:
    answer = http.answer(RequestFactory().get("/api/x"), http.refusal_from(KeyError("secret words")))
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()


def test_djangos_own_errors_are_ours_too() -> None:
    assert http.refusal_from(Http404("no Member matches")).words == errors.NotFound.sentence


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["evil.example", "a b", "testserver@evil.example", "testserver:x"])
def test_a_host_that_is_not_ours_gets_the_same_kind_of_answer(host: str) -> None:
    answer = Client(headers={"host": host}).get("/api/me")
    assert answer.status_code == 400
    assert answer.json()["error"] == "validation_error"
    assert host not in answer.content.decode()


@pytest.mark.django_db
def test_an_unknown_address_is_json_for_programs_and_a_page_for_people() -> None:
    assert Client().get("/api/nothing").json()["error"] == "not_found"
    page = Client().get("/nothing/")
    assert page.status_code == 404
    assert "text/html" in page["Content-Type"]


@pytest.mark.django_db
def test_a_request_id_is_kept_when_it_is_one_and_replaced_when_it_is_not() -> None:
    kept = Client(headers={"x-request-id": "abc-12345678"}).get("/api/me")
    assert kept["X-Request-ID"] == kept.json()["request_id"] == "abc-12345678"
    replaced = Client(headers={"x-request-id": 'x" onload="1'}).get("/api/me")
    assert replaced["X-Request-ID"] == replaced.json()["request_id"] != 'x" onload="1'


def test_an_error_page_is_drawn_even_when_templates_are_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **more: object) -> str:
        raise RuntimeError

    monkeypatch.setattr(error_pages, "render_to_string", broken)
    request = HttpRequest()
    request.path = request.path_info = "/x/"
    page = http.answer(request, errors.ServerFault())
    assert page.status_code == 500
    assert errors.ServerFault.sentence in page.content.decode()
