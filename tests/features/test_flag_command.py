"""What an operator types, and reads: tried as a process, as they do."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from features.models import Flag, FlagChange
from members.models import Member
from tests.factories.members import MemberFactory

pytestmark = pytest.mark.django_db


def flag(*words: str, **options: Any) -> list[str]:
    said = StringIO()
    call_command("flag", *words, stdout=said, **options)
    return said.getvalue().splitlines()


def test_a_first_week() -> None:
    assert flag("show", "messaging_v2") == [
        "messaging_v2 is off (nothing is set).",
        "The switch is not set.",
        "Internal: no members by name; group: nobody.",
    ]
    assert flag("history") == ["It was never changed."]
    tester = MemberFactory(called="Rosa", email="rosa@example.org")
    for words, said in (
        (("add", "messaging_v2", "--member", "Rosa@Example.org", "--why", "She tests."), "Rosa is internal now."),
        (("group", "messaging_v2", "team", "--why", "We all do."), "The internal group is team now."),
        (("set", "messaging_v2", "internal", "--why", "We begin."), "messaging_v2 is internal (by the switch)."),
    ):
        assert flag(*words) == [said]
    assert flag("explain", "messaging_v2", "--member", str(tester.pk)) == [
        "messaging_v2 is internal (by the switch).",
        "They are internal.",
        "Their new conversations go the V2 way.",
    ]
    assert flag("set", "messaging_v2", "percentage: 10", why="A tenth.", pin=True) == [
        "messaging_v2 is percentage:10 (by the switch, pinned)."
    ]
    assert flag("set", "messaging_v2", "percentage:10.00", why="Again.", pin=True)[0] == (
        "It is so already; nothing was changed."
    )
    assert flag("remove", "--member", "rosa@example.org", "--why", "Thank you.") == ["Rosa is not internal any more."]
    assert flag("group", "messaging_v2", "nobody", "--why", "Done.") == ["The internal group is nobody now."]
    newest, *_, oldest = flag("history", "messaging_v2")
    assert "percentage:10 → percentage:10, pinned, by " in newest
    assert newest.endswith(" at the command line: the internal group is nobody now: Done.")
    assert "off → off" in oldest
    assert flag("show")[1] == "The switch is percentage:10, pinned."


def test_only_so_many_changes_are_printed() -> None:
    for number in range(1, 23):
        flag("set", "messaging_v2", f"percentage:{number}", "--why", f"Step {number}.")
    lines = flag("history")
    assert (len(lines), lines[-1]) == (21, "And 2 more, on the rollout page.")
    assert lines[0].endswith("Step 22.")


@pytest.mark.parametrize(("words", "told"), [
    (("set", "messaging_v2", "tenth", "--why", "x"), "must be off, internal, on, or percentage:N"),
    (("set", "messaging_v2", "on"), "Please say why"),
    (("set", "messaging_v2", "--why", "x"), "must be off"),
    (("group", "messaging_v2", "friends", "--why", "x"), "Please choose team"),
    (("explain",), "There is no member ''"),
    (("explain", "--member", "nobody@example.org"), "There is no member 'nobody@example.org'"),
    (("add", "--member", "not-an-id", "--why", "x"), "There is no member 'not-an-id'"),
    (("set", "messaging_v3", "on"), "messaging_v3"),
    (("stop",), "stop"),
])  # fmt: skip
def test_what_cannot_be_done_is_said_and_changes_nothing(words: tuple[str, ...], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        flag(*words)
    assert not FlagChange.objects.exists()
    assert Flag.objects.get().state == ""


def test_everybody_who_may_operate_reads_the_change_in_their_mail(operator: Member) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    flag("set", "messaging_v2", "on", "--why", "All is well.")
    (job,) = ProcrastinateJob.objects.filter(task_name="notifications.send_letter")
    assert job.args["kind"] == "alarm"
    assert job.args["about"].endswith(str(operator.pk))
