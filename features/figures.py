"""How an arm of the rollout does, and what holds before it goes further: figures, without a database."""

from collections import Counter
from dataclasses import dataclass, field
from math import sqrt

from features import outcomes
from features.states import INTERNAL, OFF, ON, PERCENTAGE, State

# The normal deviate of 95 %.
Z = 1.959964
# Below this many attempts a gate says nothing: one of a hundred is what the gates tell apart.
ENOUGH = 100
LEAST_PERCENT = 99
FAULT_BELOW_PERCENT = 1
P95_BELOW_MS = 500


def wilson(worked: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share, in percent; right for few attempts and near 100 %, too."""
    if not total:
        return 0.0, 100.0
    share, spread = worked / total, Z * Z / total
    middle = (share + spread / 2) / (1 + spread)
    side = Z * sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, middle - side) * 100, min(1.0, middle + side) * 100


@dataclass
class Arm:
    """What became of the attempts of one way, in one stretch of time."""

    starts: int = 0
    sends: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    p50: int | None = None
    p95: int | None = None

    @property
    def worked(self) -> int:
        return sum(self.codes[code] for code in outcomes.WORKED)

    @property
    def faults(self) -> dict[str, int]:
        return {code: count for code, count in self.codes.most_common() if code in outcomes.FAULTS}

    @property
    def expected(self) -> dict[str, int]:
        """Refusals: answers that are right, so they are neither successes nor failures."""
        known = (*outcomes.FAULTS, *outcomes.WORKED)
        return {code: count for code, count in self.codes.most_common() if code not in known}

    @property
    def failed(self) -> int:
        return sum(self.faults.values())

    @property
    def counted(self) -> int:
        return self.worked + self.failed

    @property
    def percent(self) -> float | None:
        return self.worked * 100 / self.counted if self.counted else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.worked, self.counted)


HELD, NOT_HELD, TOO_FEW = "held", "not held", "too few attempts to say"


@dataclass(frozen=True)
class Gate:
    words: str
    verdict: str
    found: str


def gates(arm: Arm) -> list[Gate]:
    """Each is decided on a hundred attempts; on fewer, where those that are missing could not mend it any more."""
    base = max(arm.counted, ENOUGH)
    said = f"{in_percent(arm.percent)} of {attempts(arm.counted)}" if arm.counted else "no attempts yet"
    success = _verdict(arm, arm.failed * 100 <= (100 - LEAST_PERCENT) * base)
    slow = f"{arm.p95:,} ms" if arm.p95 is not None else "no times yet"
    quick = _verdict(arm, arm.p95 is None or arm.p95 < P95_BELOW_MS, is_certain=False)
    worst, count = next(iter(arm.faults.items()), ("", 0))
    share = count * 100 / arm.counted if arm.counted else 0
    most = f"{worst}: {count:,} of {arm.counted:,} ({share:.1f} %)" if worst else "no faults"
    limit = FAULT_BELOW_PERCENT * base
    rare = _verdict(arm, count * 100 < limit if arm.counted >= ENOUGH else count * 100 <= limit)
    return [
        Gate(f"Success at least {LEAST_PERCENT} %", success, said),
        Gate(f"95 of 100 answers within {P95_BELOW_MS} ms", quick, slow),
        Gate(f"Each fault code below {FAULT_BELOW_PERCENT} %", rare, most),
    ]


def _verdict(arm: Arm, holds: bool, *, is_certain: bool = True) -> str:
    if not holds and (is_certain or arm.counted >= ENOUGH):
        return NOT_HELD
    return HELD if arm.counted >= ENOUGH else TOO_FEW


@dataclass(frozen=True)
class Stage:
    to: str
    words: str
    fewest_days: int = 0
    most_days: int = 0


STAGES = (
    Stage(INTERNAL, "Internal", 2, 4),
    Stage(f"{PERCENTAGE}:10", "10 %", 3, 5),
    Stage(f"{PERCENTAGE}:50", "50 %", 5, 7),
    Stage(ON, "On for everybody"),
)


def stage_of(state: State) -> int | None:
    """Which of the stages a state belongs to; a share belongs to the one it has reached."""
    if state.kind == OFF:
        return None
    if state.kind == PERCENTAGE:
        return 0 if not state.buckets else 2 if state.buckets >= State.parse(STAGES[2].to).buckets else 1
    return 0 if state.kind == INTERNAL else len(STAGES) - 1


def advice(now: int | None, days: float, held: list[Gate]) -> str:
    """It only advises: nobody but an operator takes a step."""
    if now is None:
        return f"It is off. The first stage is “{STAGES[0].words}”."
    if now == len(STAGES) - 1:
        return "It is on for everybody. There is no further stage."
    if any(gate.verdict == NOT_HELD for gate in held):
        return "A gate does not hold. Find out why before anybody else gets it."
    if any(gate.verdict == TOO_FEW for gate in held):
        return f"There are too few attempts to say. The gates need {ENOUGH} that worked or failed."
    if days < STAGES[now].fewest_days:
        return f"All gates hold. Give it the {STAGES[now].fewest_days} days this stage takes at least."
    return f"All gates hold, and the stage has had its days. You may go on to “{STAGES[now + 1].words}”."


def in_percent(value: float | None) -> str:
    """Never rounded up to what it is not: 99.96 is 99.9."""
    return "none yet" if value is None else f"{int(value * 10 + 1e-9) / 10:g}\u00a0%"


def attempts(count: int) -> str:
    return f"{count:,} attempt{'' if count == 1 else 's'}"
