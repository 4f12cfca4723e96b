"""What the rollout page says in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime

from features import figures, flag, guard
from features.figures import STAGES, Arm, attempts, in_percent
from features.models import TEAM, FlagChange
from features.reads import V1, V2, Log
from features.states import FLAG, INTERNAL, OFF, ON, PERCENTAGE, State

if TYPE_CHECKING:
    from features.admin.page import Held

OFF_NOW = f"{FLAG} is off. Chats that were started stay readable."
FAR = {OFF: "off", INTERNAL: "on for internal members", ON: "on for everybody"}


def of_state(answer: flag.Answer, change: FlagChange | None) -> str:
    """State, source, pinned, since when, by whom, why: all in one."""
    source = "the switch" if answer.source == flag.SWITCH else answer.source
    told = f"{FLAG} is {how_far(answer.state)}"
    if change is None:
        return f"{told}: {source} says so." if source else f"{told}: nobody has set anything yet."
    pinned = " It is pinned, so the guard does not touch it." if answer.is_pinned else ""
    by = f" {source[:1].upper()}{source[1:]} says so." if source else " Nothing is set any more."
    return f"{told} since {moment(change.at)}, by {change.by}, because {change.because}.{by}{pinned}"


def how_far(state: State) -> str:
    if state.kind == PERCENTAGE:
        return f"on for internal members and {state.percent} % of all others"
    return FAR[state.kind]


def moment(at: Any) -> str:
    return date_format(localtime(at), "F j, g:i A")


@dataclass(frozen=True)
class Banner:
    tone: str
    heading: str
    words: str


def banners(is_now: "Held", lately: Arm, broken: Mapping[str, int]) -> list[Banner]:
    """The worst first; that all is well where it is, and nothing where there is nothing to say."""
    is_whole = not any(broken.values())
    found = _of_the_guard(is_now) or (_of_success(lately, is_whole) if is_now.is_exposed else None)
    words = "Look at “Must be 0” below. If in doubt, turn V2 off."
    missing = None if is_whole else Banner("danger", "Something is missing that must not be", words)
    return [banner for banner in (missing, found) if banner]


def _of_the_guard(is_now: "Held") -> Banner | None:
    if is_now.was_guarded_off and is_now.change:
        told = f"It did so on {moment(is_now.change.at)}, because {is_now.change.because}."
        return Banner("danger", f"The guard turned {FLAG} off", f"{told} The last faults stand below.")
    return _broken(is_now, is_now.broken) if is_now.broken else None


def _of_success(lately: Arm, is_whole: bool) -> Banner | None:
    if not lately.counted:
        return None
    told = f"V2 worked in {in_percent(lately.percent)} of {attempts(lately.counted)} in the last 24 hours."
    if lately.failed * 100 > (100 - figures.LEAST_PERCENT) * lately.counted:
        return Banner("warn", f"Success is below {figures.LEAST_PERCENT} %", told)
    return Banner("ok", "All is well" if is_whole else "", told)


def _broken(is_now: "Held", broken: guard.Seen) -> Banner:
    told = f"{broken.in_words}."
    if is_now.answer.is_pinned:
        return Banner("danger", "V2 fails, and the guard may not act", f"{told} It is pinned. Turn it off yourself.")
    heading = f"Success is below {guard.LEAST_PERCENT} %"
    return Banner("danger", heading, f"{told} The guard turns it off within a minute.")


@dataclass(frozen=True)
class StageLine:
    words: str
    length: str
    state: str
    note: str
    # Nothing where it is so already.
    to: str


def stages(state: State, now: int | None, days: float) -> list[StageLine]:
    """Where we are and how many days in."""
    lines = []
    for number, stage in enumerate(STAGES):
        place = "next" if now is None or number > now else "now" if number == now else "done"
        length = f"{stage.fewest_days} to {stage.most_days} days" if stage.most_days else "from then on"
        note = _day_of(days, stage) if place == "now" else ""
        is_other_share = place == "now" and state.kind == PERCENTAGE and str(state) != stage.to
        words = f"{stage.words} (now {state.percent} %)" if is_other_share else stage.words
        lines.append(StageLine(words, length, place, note, "" if str(state) == stage.to else stage.to))
    return lines


def _day_of(days: float, stage: figures.Stage) -> str:
    day = int(days) + 1
    if not stage.most_days or day <= stage.most_days:
        return f"We are here: day {day}"
    return f"We are here: day {day}, longer than planned"


@dataclass(frozen=True)
class Column:
    """One way in one stretch of time."""

    version: int
    arm: Arm

    @property
    def success(self) -> str:
        return in_percent(self.arm.percent)

    @property
    def interval(self) -> str:
        if not self.arm.counted:
            return ""
        low, high = self.arm.interval
        return f"{low:.1f} to {high:.1f}\u00a0%"

    @property
    def counted(self) -> str:
        return f"{self.arm.counted:,}"

    @property
    def starts(self) -> str:
        return f"{self.arm.starts:,}"

    @property
    def sends(self) -> str:
        return f"{self.arm.sends:,}"


def arms(log: Log) -> dict[str, Any]:
    """The columns of the table, and the rows of codes in it: what is expected apart from what is a fault."""
    columns = [Column(version, times[version]) for times in (log.stage, log.lately) for version in (V1, V2)]
    return {
        "columns": columns,
        "newest": columns[-1],
        "code_rows": [
            _code_rows("Refusals that are right", [column.arm.expected for column in columns]),
            _code_rows("Faults on our side", [column.arm.faults for column in columns]),
        ],
    }


def _code_rows(heading: str, counts: list[dict[str, int]]) -> dict[str, Any]:
    codes = sorted({code for each in counts for code in each}, key=lambda code: (-counts[1].get(code, 0), code))
    return {"words": heading, "lines": [(code, [f"{each.get(code, 0):,}" for each in counts]) for code in codes]}


def days(found: Mapping[date, Mapping[int, Arm]]) -> list[tuple[date, list[Column]]]:
    """The newest first."""
    return [
        (day, [Column(version, both[version]) for version in (V1, V2)]) for day, both in reversed(list(found.items()))
    ]


def of_undecided(arm: Arm) -> str:
    total = sum(arm.codes.values())
    if not total:
        return ""
    failed = f"{arm.failed:,} of them failed on our side" if arm.failed else "none of them failed on our side"
    return f"{attempts(total).capitalize()} of the last 24 hours ended before the way was known; {failed}."


def of_days(days: Mapping[date, Mapping[int, Arm]]) -> str:
    new = {day: arms[V2] for day, arms in days.items() if arms[V2].counted}
    if not new:
        return "V2 had no attempts in the last 30 days."
    worked, counted = (sum(getattr(arm, name) for arm in new.values()) for name in ("worked", "counted"))
    told = f"V2 worked in {in_percent(worked * 100 / counted)} of {attempts(counted)} in the last 30 days."
    day, low = min(new.items(), key=lambda each: each[1].percent or 0.0)
    if low.failed == 0:
        return told
    return f"{told} The lowest day was {_day(day)} with {in_percent(low.percent)} of {low.counted:,}."


def of_codes(stage: Mapping[int, Arm]) -> str:
    arm = stage[V2]
    total = sum(arm.codes.values())
    if not total:
        return "V2 has had no attempts in this stage."
    expected = sum(arm.expected.values())
    faults = f"{arm.failed:,} failed on our side" if arm.failed else "none failed on our side"
    return f"Of {attempts(total)} of V2 in this stage, {expected:,} got a refusal that is right, and {faults}."


def of_group(group: str) -> str:
    return {"": "nobody", TEAM: "the whole team"}.get(group, f"every {group}")


def _day(day: date) -> str:
    return "today" if day == localdate() else date_format(day, "F j")
