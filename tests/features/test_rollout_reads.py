"""What the rollout page reckons: intervals, gates, stages, and what it reads of the attempt log."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate, now

from features import charts, figures, reads
from features.figures import HELD, NOT_HELD, TOO_FEW, Arm, gates
from features.models import Attempt, FlagChange
from features.services import switching
from features.services.switching import By
from features.states import NOBODY, State
from members.models import Member
from tests.factories.messaging import offer_to

OP = By("Opal")


def arm(worked: int = 0, p95: int | None = 100, **faults: int) -> Arm:
    found = Arm(p95=p95)
    found.codes.update({"success": worked} | faults)
    return found


def attempt(
    code: str = "success", *, ago: float = 0, version: int | None = 2, ms: int | None = 40, **more: Any
) -> None:
    at = now() - timedelta(days=ago)
    told = {"kind": "send_message", "code": code, "version": version, "milliseconds": ms, "at": at}
    Attempt.objects.create(**(told | more))


class TestFigures:
    # Brown, Cai and DasGupta (2001), and the closed forms at the ends.
    @pytest.mark.parametrize(
        ("worked", "total", "low", "high"),
        [(10, 10, 72.25, 100.0), (0, 10, 0.0, 27.75), (50, 100, 40.38, 59.62), (99, 100, 94.55, 99.82), (0, 0, 0, 100)],
    )
    def test_the_interval_is_the_one_of_wilson(self, worked: int, total: int, low: float, high: float) -> None:
        assert figures.wilson(worked, total) == pytest.approx((low, high), abs=0.006)

    @pytest.mark.parametrize(
        ("worked", "faults", "verdict"),
        [(99, 1, HELD), (98, 2, NOT_HELD), (99, 0, TOO_FEW), (100, 0, HELD), (50, 1, TOO_FEW), (50, 2, NOT_HELD)],
    )
    def test_success_is_held_from_99_percent_of_a_hundred_on(self, worked: int, faults: int, verdict: str) -> None:
        assert gates(arm(worked, server_error=faults))[0].verdict == verdict

    @pytest.mark.parametrize(("worked", "faults", "verdict"), [(199, 1, HELD), (99, 1, NOT_HELD), (50, 1, TOO_FEW)])
    def test_a_fault_code_is_below_1_percent_and_not_at_it(self, worked: int, faults: int, verdict: str) -> None:
        assert gates(arm(worked, server_error=faults))[2].verdict == verdict

    def test_each_fault_code_counts_by_itself(self) -> None:
        success, _, each = gates(arm(985, server_error=8, service_unavailable=7))
        assert (success.verdict, each.verdict) == (NOT_HELD, HELD)

    @pytest.mark.parametrize(("worked", "ms", "verdict"), [(100, 499, HELD), (100, 500, NOT_HELD), (99, 900, TOO_FEW)])
    def test_answers_are_below_500_ms(self, worked: int, ms: int, verdict: str) -> None:
        assert gates(arm(worked, ms))[1].verdict == verdict

    def test_refusals_are_neither_successes_nor_failures(self) -> None:
        refused = arm(100, conversation_exists=900, validation_error=50, rate_limited=3)
        assert (refused.counted, refused.percent, refused.failed) == (100, 100.0, 0)
        assert refused.expected == {"conversation_exists": 900, "validation_error": 50, "rate_limited": 3}
        assert [gate.verdict for gate in gates(refused)] == [HELD] * 3

    def test_what_is_not_quite_all_is_not_rounded_up_to_all(self) -> None:
        assert figures.in_percent(99.96) == "99.9\u00a0%"
        assert figures.in_percent(100.0) == "100\u00a0%"

    @pytest.mark.parametrize(
        ("stage", "states"),
        [
            (None, ["off"]),
            (0, ["internal", "percentage:0"]),
            (1, ["percentage:0.01", "percentage:10", "percentage:49.99"]),
            (2, ["percentage:50", "percentage:100"]),
            (3, ["on"]),
        ],
    )
    def test_a_state_belongs_to_the_stage_it_has_reached(self, stage: int | None, states: list[str]) -> None:
        assert {figures.stage_of(State.parse(state)) for state in states} == {stage}

    def test_it_advises_the_next_stage_only_when_all_gates_held_for_its_days(self) -> None:
        good, bad, few = (gates(arm(*each)) for each in ((200,), (200, 900), (3,)))
        assert "You may go on to “50 %”" in figures.advice(1, 3.0, good)
        assert "Give it the 3 days" in figures.advice(1, 2.9, good)
        assert "does not hold" in figures.advice(1, 3.0, bad)
        assert "too few" in figures.advice(1, 3.0, few)
        assert "no further" in figures.advice(3, 90.0, good)
        assert "off" in figures.advice(None, 0.0, [])


@pytest.mark.django_db
class TestReads:
    def test_the_log_is_told_by_day_by_stage_and_by_the_last_24_hours(self) -> None:
        for ago in (0.01, 0.99, 1.01, 2.9, 3.1, 28.9, 31):
            attempt(ago=ago)
        attempt("server_error", ago=2, version=1, kind="start_conversation")
        attempt("not_found", ago=0.5, version=None)
        attempt("server_error", ago=2, version=None)
        log = reads.log(now() - timedelta(days=3))
        assert log.stage[2].codes == {"success": 4}
        assert log.lately[2].codes == {"success": 2}
        assert (log.stage[1].starts, log.stage[1].sends, log.stage[1].failed) == (1, 0, 1)
        assert log.undecided.codes == {"not_found": 1}
        assert sum(day[2].counted for day in log.days.values()) == 6
        assert len(log.days) == 30
        assert max(log.days) == localdate()
        assert sum(day[1].failed for day in log.days.values()) == 1

    def test_a_stage_that_has_just_begun_is_shorter_than_24_hours(self) -> None:
        attempt(ago=0.5)
        attempt(ago=0.01)
        log = reads.log(now() - timedelta(hours=1))
        assert (log.stage[2].counted, log.lately[2].counted) == (1, 2)

    def test_half_and_95_of_100_are_real_times_of_attempts_that_count(self) -> None:
        for ms in range(1, 101):
            attempt(ms=ms)
            attempt("validation_error", ms=9_000)
        attempt(ms=7, version=1, ago=2)
        attempt(ms=None, version=1, ago=2)
        log = reads.log(now() - timedelta(days=3))
        assert (log.stage[2].p50, log.stage[2].p95) == (50, 95)
        assert (log.stage[1].p50, log.stage[1].p95, log.lately[1].p50, log.lately[1].p95) == (7, 7, None, None)

    def test_a_state_began_with_the_change_that_brought_it(self, operator: Member) -> None:
        assert reads.began(NOBODY) is None
        for to in ("internal", "percentage:10", "internal"):
            switching.switch(to, why="a step", by=OP)
        switching.include(operator, why="she looks first", by=OP)
        switching.switch("internal", why="nothing turns it off now", by=OP, pin=True)
        began = reads.began(State("internal"))
        assert began
        assert (began.from_state, began.why) == ("percentage:10", "a step")
        assert began == FlagChange.objects.order_by("id")[2]
        assert reads.began(State("on")) is None

    def test_a_success_whose_conversation_is_gone_is_found(self, asker: Member, helper: Member) -> None:
        thread = offer_to(asker, helper)
        attempt(conversation_id=thread.pk)
        assert set(reads.promises().values()) == {0}
        attempt(conversation_id=uuid4())
        attempt(conversation_id=uuid4(), ago=2)
        assert list(reads.promises().values()) == [0, 0, 1]

    def test_the_last_faults_are_the_newest_and_no_refusals(self) -> None:
        for ago in range(25):
            attempt("server_error", ago=ago / 24, request_id=f"r{ago}")
        attempt("conversation_exists")
        assert [fault.request_id for fault in reads.last_faults()] == [f"r{ago}" for ago in range(20)]

    def test_it_takes_as_many_statements_whatever_there_is(self) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as asked:
                reads.log(now() - timedelta(days=20))
                reads.promises()
            return len(asked)

        few = statements()
        for ago in range(20):
            attempt(ago=ago, conversation_id=uuid4())
        assert statements() == few <= 4


class TestCharts:
    def test_days_without_attempts_are_gaps_and_nothing_is_drawn_below_the_floor(self) -> None:
        today = localdate()
        days = {today - timedelta(days=back): {1: arm(), 2: arm(9, server_error=1)} for back in (3, 2, 0)}
        days[today - timedelta(days=1)] = {1: arm(), 2: arm()}
        chart = charts.days_chart(days, [])
        old, new = chart.lines
        assert (old.runs, len(new.runs), len(new.dots)) == ([], 2, 3)
        assert chart.floor == 80
        assert {dot.y for dot in new.dots} == {50.0}
        days[today] = {1: arm(1, server_error=2), 2: arm()}
        assert charts.days_chart(days, []).floor == 0

    def test_changes_of_one_day_are_one_mark_from_the_oldest_on(self) -> None:
        days = {localdate() - timedelta(days=back): {1: arm(), 2: arm()} for back in range(30)}
        moments = [now() - timedelta(days=back) for back in (40, 5, 5, 1)]
        changes = [FlagChange(pk=number, at=at) for number, at in enumerate(moments)]
        marks = charts.days_chart(days, changes[::-1]).marks
        assert [(mark.number, [change.pk for change in mark.changes]) for mark in marks] == [(1, [1, 2]), (2, [3])]

    def test_bars_have_one_scale_and_what_is_rare_is_one_part(self) -> None:
        codes = ("conversation_exists", "validation_error", "user_restricted", "rate_limited", "content_blocked")
        many = arm(100, **dict.fromkeys(codes, 10), not_found=2, permission_denied=1, server_error=5)
        bars = charts.bars({1: arm(), 2: many})
        assert [bar.total for bar in bars] == [0, 0, 53, 5]
        parts = bars[2].parts
        assert [part.code for part in parts] == [*codes, "all others"]
        assert parts[-1].count == 3
        assert parts[-1].x + parts[-1].width == pytest.approx(100, abs=0.1)
        assert bars[3].parts[0].width == pytest.approx(500 / 53, abs=0.01)

    def test_a_code_has_the_same_pattern_in_both_ways(self) -> None:
        old, new = arm(rate_limited=1, not_found=2), arm(rate_limited=9, not_found=1)
        numbers = [{part.code: part.number for part in bar.parts} for bar in charts.bars({1: old, 2: new})]
        assert numbers == [{"rate_limited": 1, "not_found": 2}, {}, {"rate_limited": 1, "not_found": 2}, {}]
