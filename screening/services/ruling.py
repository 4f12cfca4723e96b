"""Making rules and moving them, one step forward at a time; every step is on record."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Max

import audit.services as audit
from carecollective.errors import NotPermitted, NotValid
from members import roles
from members.models import Member
from screening.models import Replay, Rule, RuleChange, RuleVersion
from screening.models.rule import EXAMPLE_MOST, EXAMPLES_MOST, WHY_MOST
from screening.phrases import MOST_STEPS_TOGETHER, steps
from screening.words import LIVE, NEVER_STOPPED, Category, State

RULERS = (roles.MODERATOR, roles.OPERATOR)
NEEDS_A_REASON = "Please say why in one sentence."
TOO_MUCH_TOGETHER = "With this one all rules together look for too much. Please retire one first."
ONE_MUST_RUN = "At least one rule must run: without any, no text could be sent."


@dataclass(frozen=True)
class Draft:
    """What somebody wrote for a new version."""

    phrases: str
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]
    why: str
    unless: str = ""


@dataclass(frozen=True)
class NewRule:
    name: str
    category: str
    purpose: str


def must_rule(member: Member) -> None:
    if not member.has_role(*RULERS):
        raise NotPermitted("Only moderators and operators change rules.")


@transaction.atomic
def draft_rule(moderator: Member, new: NewRule, draft: Draft) -> RuleVersion:
    """A rule of one's own, with its first version."""
    must_rule(moderator)
    name = new.name.strip()
    if not name or len(name) > 60 or new.category not in Category.values:
        raise NotValid("Please give the rule a name and one of our categories.")
    try:
        with transaction.atomic():
            purpose = _reason(new.purpose)
            rule = Rule.objects.create(name=name, category=new.category, purpose=purpose)
    except IntegrityError as problem:
        raise NotValid(f"There is a rule called {name} already.") from problem
    return _draft(moderator, rule, draft)


@transaction.atomic
def draft_version(moderator: Member, rule: Rule, draft: Draft) -> RuleVersion:
    must_rule(moderator)
    return _draft(moderator, rule, draft)


@transaction.atomic
def promote(moderator: Member, version: RuleVersion, why: str) -> RuleVersion:
    """One step on. Its examples must agree, and a replay of the last day must have been harmless."""
    must_rule(moderator)
    reason, held = _reason(why), _as_seen(version)
    to_state = held.next_state
    if to_state is None:
        raise NotValid(_no_further(held))
    held.must_be_readable()
    held.must_agree_with_its_examples()
    _must_fit(held)
    replay = held.must_have_been_replayed()
    # Two versions of one rule never stand in the same place: the newer one takes it.
    for other in RuleVersion.objects.filter(rule=held.rule_id, state=to_state).exclude(pk=held.pk):
        _move(moderator, other, State.RETIRED, f"Version {held.number} takes its place.")
    if replay.precision is not None:
        held.confidence = replay.precision
    _move(moderator, held, to_state, reason, replay)
    return _recorded("screening_rule_promoted", moderator, held, reason)


@transaction.atomic
def step_back(moderator: Member, version: RuleVersion, to_state: str, why: str) -> RuleVersion:
    """As far back as one likes, at once: what does harm must be easy to stop."""
    must_rule(moderator)
    reason, held = _reason(why), _as_seen(version)
    if to_state not in held.states_before:
        raise NotValid(f"From “{held.get_state_display()}” it cannot go back there.")
    if RuleVersion.objects.filter(rule=held.rule_id, state=to_state, state__in=LIVE).exists():
        raise NotValid("Another version of this rule stands there already. Retire that one first.")
    _move(moderator, held, to_state, reason)
    _must_leave_one()
    return _recorded("screening_rule_stepped_back", moderator, held, reason)


@transaction.atomic
def retire(moderator: Member, version: RuleVersion, why: str) -> RuleVersion:
    """For good: who wants it again drafts another version."""
    must_rule(moderator)
    reason, held = _reason(why), RuleVersion.objects.held(version.pk)
    if held.state == State.RETIRED:
        return held
    _move(moderator, held, State.RETIRED, reason)
    _must_leave_one()
    return _recorded("screening_rule_retired", moderator, held, reason)


def _draft(moderator: Member, rule: Rule, draft: Draft) -> RuleVersion:
    _must_be_short(draft.examples)
    _must_be_short(draft.counter_examples)
    # Numbers are given one after the other, under the same lock that steps take.
    RuleVersion.objects.hold_all()
    last = rule.versions.aggregate(last=Max("number"))["last"] or 0
    version = RuleVersion(
        rule=rule,
        number=last + 1,
        phrases=draft.phrases.strip(),
        unless=draft.unless.strip(),
        examples=list(draft.examples),
        counter_examples=list(draft.counter_examples),
        made_by=moderator,
        why=_reason(draft.why),
    )
    version.must_be_readable()
    version.save(force_insert=True)
    return _recorded("screening_rule_drafted", moderator, version, version.why)


def _as_seen(version: RuleVersion) -> RuleVersion:
    """Two people who press at once want the same step, not two."""
    held = RuleVersion.objects.held(version.pk)
    if held.state != version.state:
        raise NotValid(f"Somebody has moved this rule: it stands at “{held.get_state_display()}” now.")
    return held


def _move(moderator: Member, version: RuleVersion, to_state: str, why: str, replay: Replay | None = None) -> None:
    from_state, version.state = version.state, to_state
    version.save(update_fields=["state", "confidence"])
    RuleChange.objects.create(
        version=version, from_state=from_state, to_state=to_state, changed_by=moderator, why=why, replay=replay
    )


def _recorded(action: str, moderator: Member, version: RuleVersion, why: str) -> RuleVersion:
    facts = {"rule": version.rule_id, "number": version.number, "state": str(version.state)}
    audit.record(action, actor=moderator, subject=version, reason=why, **facts)
    return version


def _reason(why: str) -> str:
    reason = why.strip()
    if not reason or len(reason) > WHY_MOST:
        raise NotValid(fields={"why": [NEEDS_A_REASON if not reason else f"Please use {WHY_MOST} letters or fewer."]})
    return reason


def _must_be_short(examples: tuple[str, ...]) -> None:
    if len(examples) > EXAMPLES_MOST or any(len(text) > EXAMPLE_MOST for text in examples):
        raise NotValid(f"Please give at most {EXAMPLES_MOST} examples of {EXAMPLE_MOST} letters each.")


def _must_fit(version: RuleVersion) -> None:
    """Every text is read by all that run, so they share one measure of work."""
    others = RuleVersion.objects.filter(state__in=LIVE).exclude(pk=version.pk)
    patterns = {version.phrases, *others.values_list("phrases", flat=True)} - {""}
    if sum(map(steps, patterns)) > MOST_STEPS_TOGETHER:
        raise NotValid(TOO_MUCH_TOGETHER)


def _must_leave_one() -> None:
    if not RuleVersion.objects.filter(state__in=LIVE).exists():
        raise NotValid(ONE_MUST_RUN)


def _no_further(version: RuleVersion) -> str:
    if version.state != State.RETIRED and version.rule.category in NEVER_STOPPED:
        return "A text like this is never held or stopped, so this rule goes no further than warning."
    return f"From “{version.get_state_display()}” there is no further step."
