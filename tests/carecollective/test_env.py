"""Settings are strict: a value nobody can read stops the start and names its variable."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecollective import known_settings
from carecollective.env import YES, Reader, Unreadable

KNOWN = {
    "DEBUG": "…",
    "COUNT": "…",
    "LEVEL": "…",
    "SITE_URL": "…",
    "DATABASE_URL": "…",
    "EMAIL_URL": "…",
    "NAME": "Say it.",
}
NOWHERE = Path("/nowhere/.env")


def reader(**environment: str) -> Reader:
    return Reader(KNOWN, NOWHERE, environment)


@pytest.mark.parametrize("value", ["true\n", " TRUE ", "Yes", "on", "1", "\tTrue\r\n"])
def test_a_flag_is_trimmed_and_read_in_any_case(value: str) -> None:
    assert reader(DEBUG=value).flag("DEBUG", default=False) is True


@pytest.mark.parametrize("value", ["false\n", "NO", "off", "0"])
def test_off_is_off(value: str) -> None:
    assert reader(DEBUG=value).flag("DEBUG", default=True) is False


@pytest.mark.parametrize("value", ["ture", "2", "enabled", "t", "“true”"])
def test_an_unreadable_flag_names_its_variable(value: str) -> None:
    with pytest.raises(Unreadable, match=r"^DEBUG must be true or false, but .* is not\.$"):
        reader(DEBUG=value).flag("DEBUG", default=False)


@pytest.mark.parametrize("value", ["", "  ", "\n"])
def test_an_empty_value_means_not_set(value: str) -> None:
    assert reader(DEBUG=value).flag("DEBUG", default=True) is True
    assert not reader(DEBUG=value).is_set("DEBUG")


@pytest.mark.parametrize("value", ["-1", "1.5", "1e3", "٣", "11", "9" * 400, "0x1"])
def test_a_number_out_of_range_stops_the_start(value: str) -> None:
    with pytest.raises(Unreadable, match="COUNT must be a whole number from 0 to 10"):
        reader(COUNT=value).number("COUNT", default=0, most=10)


def test_a_missing_value_says_what_it_is_for() -> None:
    with pytest.raises(Unreadable, match=r"NAME is not set\. Say it\."):
        reader().text("NAME")


@pytest.mark.parametrize("value", ["mysql://a/b", "nonsense", "postgresql//x", "://"])
def test_a_database_address_is_never_repeated(value: str) -> None:
    with pytest.raises(Unreadable, match="DATABASE_URL must be") as problem:
        reader(DATABASE_URL=value + "secret").database("DATABASE_URL")
    assert "secret" not in str(problem.value)


def test_mails_go_to_the_folder_that_was_named() -> None:
    found = reader(EMAIL_URL="filemail:///var/mail/care").email("EMAIL_URL", default="consolemail://")
    assert found["EMAIL_FILE_PATH"] == "/var/mail/care"


def test_a_choice_must_be_one_of_the_known_words() -> None:
    with pytest.raises(Unreadable, match="LEVEL must be one of INFO, ERROR"):
        reader(LEVEL="LOUD").choice("LEVEL", ("INFO", "ERROR"), default="INFO")


@pytest.mark.parametrize("value", ["example.org", "ftp://example.org", "https://"])
def test_an_address_must_be_one(value: str) -> None:
    with pytest.raises(Unreadable, match="SITE_URL must be an address"):
        reader(SITE_URL=value).url("SITE_URL")


def test_a_secret_address_is_kept_whole_and_never_repeated() -> None:
    assert reader(NAME=" https://hooks.example.org/T1/ \n").secret_url("NAME") == "https://hooks.example.org/T1/"
    assert reader(NAME="https://hooks.example.org/").url("NAME") == "https://hooks.example.org"
    with pytest.raises(Unreadable, match="NAME must be an address") as refused:
        reader(NAME="hooks.example.org/T1").secret_url("NAME")
    assert "T1" not in str(refused.value)


def test_a_misspelt_name_in_the_file_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("DEBUG=true\nDEBGU=true\n")
    with pytest.raises(Unreadable, match="DEBGU, which is not a setting of this site"):
        Reader(KNOWN, file, {})


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("COUNT=1\nLEVEL='INFO'\n")
    both = Reader(KNOWN, file, {"COUNT": "2"})
    assert both.number("COUNT", default=0) == 2
    assert both.text("LEVEL") == "INFO"


@given(st.text(max_size=20))
def test_no_text_at_all_is_read_as_a_flag_by_accident(value: str) -> None:
    with suppress(Unreadable):
        assert reader(DEBUG=value).flag("DEBUG", default=False) is (value.strip().lower() in YES)


def test_the_example_file_explains_every_setting() -> None:
    example = Path(__file__).parents[2] / ".env.example"
    assert example.read_text() == known_settings.example()
