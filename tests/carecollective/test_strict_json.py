"""JSON that would surprise us later is refused in one sentence."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecollective import strict_json
from carecollective.errors import NotValid


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1]",
        b'"text"',
        b"null",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": ["\\u0007"]}',
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a": ' + b"[" * 20 + b"]" * 20 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_hostile_json_is_refused(body: bytes) -> None:
    with pytest.raises(NotValid) as refusal:
        strict_json.read(body)
    assert refusal.value.words.endswith(".")


def test_plain_json_is_read() -> None:
    assert strict_json.read('{"a": "Grüße ❤️", "b": [1, 2.5, true, null]}'.encode()) == {
        "a": "Grüße ❤️",
        "b": [1, 2.5, True, None],
    }


def test_no_body_is_an_empty_object() -> None:
    assert strict_json.read(b"") == {}


@given(st.binary(max_size=200))
def test_no_bytes_at_all_break_it(body: bytes) -> None:
    with suppress(NotValid):
        strict_json.read(body)
