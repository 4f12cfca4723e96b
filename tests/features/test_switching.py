"""Every change is one: who, when, from, to, why; told, audited, and nothing where it changes nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection, connections, transaction

from audit.models import AuditEntry
from carecollective.errors import NotValid
from features import flag
from features.environment import ENABLED, ROLLOUT, Environment
from features.models import Alarm, Flag, FlagChange, InternalMember
from features.services import guarding, switching
from features.services.switching import By
from members.models import Member
from tests.factories.members import MemberFactory

BY = By("root at the command line")
WHY = "The first week went well."


def switch(to: str, *, why: str = WHY, by: By = BY, pin: bool = False) -> FlagChange | None:
    return switching.switch(to, why=why, by=by, pin=pin)


@pytest.fixture
def started_with() -> Iterator[Any]:
    patches = []

    def start(**raw: str) -> None:
        patches.append(patch.object(flag, "environment", lambda: Environment.read(raw)))
        patches[-1].start()

    yield start
    for each in patches:
        each.stop()


@pytest.mark.django_db
class TestSwitching:
    def test_a_change_says_who_when_from_to_and_why(self, operator: Member) -> None:
        switch("internal")
        change = switch("percentage: 10 ", by=By("Opal", operator), pin=True)
        assert change
        change.refresh_from_db()
        told = (change.from_state, change.to_state, change.source, change.is_pinned, change.by, change.why)
        assert told == ("internal", "percentage:10", "switch", True, "Opal", WHY)
        assert (change.member, change.at is not None) == (operator, True)
        entry = AuditEntry.objects.first()
        assert entry
        assert (entry.action, entry.actor, entry.reason) == ("flag_switched", operator.pk, WHY)
        assert entry.details == {
            "from_state": "internal", "to_state": "percentage:10", "source": "switch", "pinned": True
        }  # fmt: skip
        assert Alarm.objects.latest("at").sentence.startswith("messaging_v2 is percentage:10 since ")

    @pytest.mark.parametrize("why", ["All is well.", "  All\nis well!  ", "All is well...?"])
    def test_the_sentence_holds_the_reason_however_it_ends(self, why: str) -> None:
        switch("on", why=why)
        told = "because All is well; new offers go the V2 way; nothing is lost."
        assert Alarm.objects.get().sentence.endswith(told)

    def test_what_is_so_already_is_no_change(self) -> None:
        assert switch("on")
        assert switch("ON\n") is None
        assert FlagChange.objects.count() == Alarm.objects.count() == 1
        # Pinning it is one.
        assert switch("on", pin=True)

    def test_it_can_be_left_to_the_environment_again(self, started_with: Any) -> None:
        started_with(**{ROLLOUT: "percentage:10"})
        switch("on")
        change = switch("environment")
        assert change
        assert (change.to_state, change.source) == ("percentage:10", ROLLOUT)
        assert Flag.objects.get().state == ""

    @pytest.mark.parametrize("to", ["", "yes", "percentage:101", "percentage:", "on off", "o\x00n"])
    def test_an_unknown_state_changes_nothing(self, to: str) -> None:
        with pytest.raises(NotValid, match="must be off, internal, on"):
            switch(to)
        assert not FlagChange.objects.exists()

    @pytest.mark.parametrize("why", ["", "  \n", "x" * 301])
    def test_a_reason_is_asked_for(self, why: str) -> None:
        with pytest.raises(NotValid, match="Please say why"):
            switch("on", why=why)
        assert Flag.objects.get().state == ""

    def test_a_veto_is_named_and_only_off_goes_with_it(self, started_with: Any) -> None:
        started_with(**{ENABLED: "false\n"})
        for to in ("on", "internal", "percentage:1", "environment"):
            with pytest.raises(NotValid, match="MESSAGING_V2_ENABLED is false"):
                switch(to)
        assert switch("off")
        # So that it stays off when the variable is taken away.
        assert Flag.objects.get().state == "off"

    def test_since_when_anybody_is_in(self) -> None:
        switch("internal")
        since = Flag.objects.get().exposed_since
        assert since
        switch("percentage:10")
        assert Flag.objects.get().exposed_since == since
        switch("off")
        assert Flag.objects.get().exposed_since is None

    def test_a_start_with_other_variables_is_a_change_too_and_told_once(self, started_with: Any) -> None:
        guarding.look_after()
        assert not FlagChange.objects.exists()
        started_with(**{ENABLED: "TRUE\n"})
        for _ in range(2):
            guarding.look_after()
        change = FlagChange.objects.get()
        assert (change.from_state, change.to_state, change.by) == ("off", "on", "the environment")
        assert change.why == r"the site was started with MESSAGING_V2_ENABLED 'TRUE\n'"
        assert Flag.objects.get().exposed_since

    def test_whoever_is_faster_than_the_worker_hides_none(self, started_with: Any) -> None:
        started_with(**{ENABLED: "true"})
        switching.include(MemberFactory(called="Rosa"), why="She tests.", by=BY)
        switch("off")
        told = list(FlagChange.objects.order_by("id").values_list("from_state", "to_state", "by"))
        assert told == [
            ("off", "on", "the environment"), ("on", "on", BY.words), ("on", "off", BY.words),
        ]  # fmt: skip

    def test_rows_of_the_history_are_only_added(self) -> None:
        switch("on")
        for statement in ("UPDATE flag_changes SET why = 'x'", "DELETE FROM flag_changes", "TRUNCATE flag_changes"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


@pytest.mark.django_db
class TestWhoIsInternal:
    def test_named_and_taken_away_with_a_reason(self, operator: Member) -> None:
        member = MemberFactory(called="Rosa")
        assert switching.include(member, why="She tests with us.", by=BY)
        assert not switching.include(member, why="Again.", by=BY)
        assert list(InternalMember.objects.values_list("member", flat=True)) == [member.pk]
        assert switching.leave_out(member, why="She is done.", by=BY)
        assert not switching.leave_out(member, why="Again.", by=BY)
        told = list(FlagChange.objects.order_by("id").values_list("from_state", "to_state", "why"))
        assert told == [
            ("off", "off", "Rosa is internal now: She tests with us."),
            ("off", "off", "Rosa is not internal any more: She is done."),
        ]
        actions = list(AuditEntry.objects.order_by("sequence").values_list("action", "subject_id"))
        assert actions == [("flag_member_added", str(member.pk)), ("flag_member_removed", str(member.pk))]
        # It is told to nobody: nothing changed for anybody else.
        assert not Alarm.objects.exists()

    def test_a_group_is_one_we_know(self) -> None:
        assert switching.choose_group("team", why=WHY, by=BY)
        assert not switching.choose_group("team", why=WHY, by=BY)
        with pytest.raises(NotValid, match="Please choose"):
            switching.choose_group("everybody", why=WHY, by=BY)
        assert Flag.objects.get().group == "team"


@pytest.mark.committed
class TestSeveralAtOnce:
    def test_ten_operators_who_switch_the_same_make_one_change(self) -> None:
        def press(_: int) -> bool:
            try:
                return switch("on") is not None
            finally:
                connections.close_all()

        with ThreadPoolExecutor(10) as operators:
            made = list(operators.map(press, range(10)))
        assert sum(made) == FlagChange.objects.count() == 1

    def test_a_history_of_changes_has_no_gap(self) -> None:
        def press(number: int) -> None:
            try:
                switch(f"percentage:{number}")
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as operators:
            list(operators.map(press, range(1, 17)))
        states = list(FlagChange.objects.order_by("id").values_list("from_state", "to_state"))
        assert len(states) == 16
        assert [before for before, _ in states] == ["off", *[after for _, after in states[:-1]]]

    def test_what_cannot_be_audited_is_not_switched(self) -> None:
        with (
            patch("features.services.switching.record", side_effect=DatabaseError("full")),
            pytest.raises(DatabaseError),
        ):
            switch("on")
        assert (Flag.objects.get().state, FlagChange.objects.count(), Alarm.objects.count()) == ("", 0, 0)
