"""Making rules and moving them: who may, one step at a time, and only what was tried."""

import dataclasses
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import now

from audit.models import AuditEntry
from carecollective.errors import NotPermitted, NotValid
from carecollective.invariants import broken
from members.models import Member
from screening.models import Example, Replay, Rule, RuleChange, RuleVersion
from screening.seeds import SEEDS, Seed
from screening.services import examining, ruling
from screening.services.examining import examine
from screening.services.learning import learn, unlearn
from screening.services.replaying import replay
from screening.services.ruling import NewRule, draft_rule, draft_version, promote, retire, step_back
from screening.words import Category, State
from tests.screening.drafts import WHY, draft, drafted, promoted

pytestmark = pytest.mark.django_db

TEXT = "Does anybody want a purple ladder?"


def seed(name: str) -> RuleVersion:
    return RuleVersion.objects.get(rule__name=name)


def test_every_first_rule_agrees_with_its_own_examples_and_finds_no_harmless_sentence_too_many() -> None:
    for version in RuleVersion.objects.select_related("rule"):
        version.must_be_readable()
        version.must_agree_with_its_examples()
        replay(version).must_be_harmless()


def test_a_draft_does_not_run_and_a_shadow_is_only_counted(moderator: Member) -> None:
    version = drafted(moderator)
    assert examine(TEXT).findings == ()
    promoted(moderator, version, 1)
    examining.forget_rules()
    verdict = examine(TEXT)
    assert [(finding.rule, finding.state) for finding in verdict.findings] == [("ladders", "shadow")]
    assert (verdict.outcome, verdict.categories) == ("allow", ())


def test_a_promoted_rule_works_in_a_process_that_knew_the_rules_before(
    moderator: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = drafted(moderator)
    assert not examine(TEXT).is_flagged
    promoted(moderator, version, 2)
    monkeypatch.setattr(examining, "FRESH_SECONDS", 0)
    examine(TEXT)
    if examining._coming:
        examining._coming.join(20)
    assert examine(TEXT).is_flagged


def test_each_step_is_one_and_on_record(moderator: Member) -> None:
    version = promoted(moderator, drafted(moderator), 3)
    assert version.state == State.HOLD
    changes = list(RuleChange.objects.filter(version=version).order_by("id"))
    assert [(change.from_state, change.to_state) for change in changes] == [
        ("draft", "shadow"),
        ("shadow", "warn"),
        ("warn", "hold"),
    ]
    assert all((change.changed_by, change.why) == (moderator, WHY) and change.replay for change in changes)
    actions = list(AuditEntry.objects.order_by("sequence").values_list("action", "reason"))
    assert actions == [("screening_rule_drafted", WHY), *[("screening_rule_promoted", WHY)] * 3]
    assert broken() == {}


def test_only_moderators_and_operators_change_rules(operator: Member, auditor: Member, asker: Member) -> None:
    version = drafted(operator)
    for nobody in (auditor, asker):
        for act in (
            lambda who: draft_rule(who, NewRule("x", Category.SPAM, "y"), draft()),
            lambda who: draft_version(who, version.rule, draft()),
            lambda who: replay(version, who),
            lambda who: promote(who, version, WHY),
            lambda who: step_back(who, version, State.DRAFT, WHY),
            lambda who: retire(who, version, WHY),
        ):
            with pytest.raises(NotPermitted):
                act(nobody)
    assert (Rule.objects.filter(name="x").count(), RuleChange.objects.filter(version=version).count()) == (0, 0)


class TestARuleIsNotPromoted:
    def test_without_a_replay(self, moderator: Member) -> None:
        with pytest.raises(NotValid, match="replay it"):
            promote(moderator, drafted(moderator), WHY)

    def test_with_a_replay_of_yesterday(self, moderator: Member) -> None:
        version = drafted(moderator)
        Replay.objects.create(
            version=version,
            pattern_digest=version.digest,
            at=now() - timedelta(hours=25),
            **dict.fromkeys(("decided", "hits", "false_alarms", "misses", "benign", "benign_alarms"), 0),
        )
        with pytest.raises(NotValid, match="one day"):
            promote(moderator, version, WHY)

    def test_with_a_replay_of_another_pattern(self, moderator: Member) -> None:
        version = drafted(moderator)
        made = replay(version)
        with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("UPDATE screening_replays SET pattern_digest = 'x' WHERE id = %s", [made.pk])
        Replay.objects.create(
            version=version,
            pattern_digest="0" * 64,
            **dict.fromkeys(("decided", "hits", "false_alarms", "misses", "benign", "benign_alarms"), 0),
        )
        with pytest.raises(NotValid, match="replay it"):
            promote(moderator, version, WHY)

    def test_that_finds_what_harms_nobody(self, moderator: Member) -> None:
        greedy = draft("(is|the|a|my)", examples=("the cat",), counter_examples=("cats",))
        version = draft_rule(moderator, NewRule("greedy", Category.SPAM, "Too much."), greedy)
        replay(version)
        with pytest.raises(NotValid, match="At most 1 in 100"):
            promote(moderator, version, WHY)

    def test_whose_examples_do_not_agree(self, moderator: Member) -> None:
        wrong = draft(examples=("a green ladder",), counter_examples=("a purple ladder",))
        version = draft_rule(moderator, NewRule("wrong", Category.SPAM, "Wrong."), wrong)
        replay(version)
        with pytest.raises(NotValid, match="does not find “a green ladder”"):
            promote(moderator, version, WHY)

    def test_without_a_reason(self, moderator: Member) -> None:
        version = drafted(moderator)
        replay(version)
        for why in ("  ", "w" * 301):
            with pytest.raises(NotValid):
                promote(moderator, version, why)

    @pytest.mark.parametrize("name", ["phone number", "wanting to die"])
    def test_beyond_warning_where_nobody_may_be_stopped(self, moderator: Member, name: str) -> None:
        replay(seed(name))
        with pytest.raises(NotValid, match="never held or stopped"):
            promote(moderator, seed(name), WHY)

    def test_beyond_the_last_step(self, moderator: Member) -> None:
        version = promoted(moderator, drafted(moderator), 4)
        replay(version)
        with pytest.raises(NotValid, match="no further step"):
            promote(moderator, version, WHY)


def test_two_moderators_who_press_at_once_take_one_step(moderator: Member, operator: Member) -> None:
    version = drafted(moderator)
    replay(version)
    as_the_other_saw_it = RuleVersion.objects.get(pk=version.pk)
    assert promote(moderator, version, WHY).state == State.SHADOW
    with pytest.raises(NotValid, match="Somebody has moved this rule"):
        promote(operator, as_the_other_saw_it, WHY)
    assert RuleVersion.objects.get(pk=version.pk).state == State.SHADOW


def test_a_newer_version_takes_the_place_of_the_one_that_stood_there(moderator: Member) -> None:
    first = promoted(moderator, drafted(moderator), 2)
    second = promoted(moderator, draft_version(moderator, first.rule, draft("violet ladder|purple ladder")), 2)
    first.refresh_from_db()
    assert (second.number, second.state, first.state) == (2, State.WARN, State.RETIRED)
    assert RuleChange.objects.filter(version=first).first().why == "Version 2 takes its place."  # type: ignore[union-attr]


def test_a_rule_goes_back_any_number_of_steps_at_once_but_never_forward(moderator: Member) -> None:
    version = promoted(moderator, drafted(moderator), 3)
    with pytest.raises(NotValid):
        step_back(moderator, version, State.BLOCK, WHY)
    assert step_back(moderator, version, State.SHADOW, WHY).state == State.SHADOW
    with pytest.raises(NotValid):
        step_back(moderator, version, State.WARN, WHY)
    assert retire(moderator, version, WHY).state == State.RETIRED
    assert retire(moderator, version, WHY).state == State.RETIRED
    with pytest.raises(NotValid):
        promote(moderator, version, WHY)
    assert broken() == {}


def test_the_last_rule_that_runs_stays(moderator: Member) -> None:
    *others, last = RuleVersion.objects.all()
    for version in others:
        retire(moderator, version, WHY)
    for act in (lambda: retire(moderator, last, WHY), lambda: step_back(moderator, last, State.DRAFT, WHY)):
        with pytest.raises(NotValid, match="At least one rule must run"):
            act()
    assert examine(TEXT).outcome == "allow"


@pytest.mark.parametrize("phrases", ["", "   ", "(unclosed", "a{9999}", "x?", "köder", "(?=look)", "w" * 16_001, "\\1"])
def test_what_cannot_be_read_as_a_phrase_is_not_taken(moderator: Member, phrases: str) -> None:
    with pytest.raises(NotValid):
        draft_rule(moderator, NewRule("strange", Category.SPAM, "Strange."), draft(phrases))
    assert not Rule.objects.filter(name="strange").exists()


def test_two_rules_do_not_have_one_name(moderator: Member) -> None:
    drafted(moderator)
    with pytest.raises(NotValid, match="called ladders already"):
        drafted(moderator)


def test_decided_texts_tell_what_a_rule_gets_right(moderator: Member) -> None:
    case = uuid4()
    learn(TEXT, Category.SPAM, True, case)
    learn("Buy my red ladder!", Category.SPAM, True, uuid4())
    learn("The purple ladder is in the garage.", Category.SPAM, False, uuid4())
    learn("You are a purple ladder thief", Category.PROFANITY, True, uuid4())
    version = drafted(moderator)
    made = replay(version)
    assert (made.decided, made.hits, made.misses, made.false_alarms, made.benign) == (4, 1, 1, 1, 500)
    learn(TEXT, Category.SPAM, False, case)
    assert (replay(version).hits, replay(version).false_alarms) == (0, 2)
    assert unlearn(case) == 1
    assert replay(version).decided == 3


def test_a_decided_text_is_sealed() -> None:
    example = learn(TEXT, Category.SPAM, True, uuid4())
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, key_id FROM screening_examples WHERE id = %s", [example.pk])
        text, key_id = cursor.fetchone() or ("", "")
    assert "ladder" not in text
    assert key_id
    assert Example.objects.get().clear_text == TEXT


def test_enough_decided_texts_say_how_sure_a_rule_is(moderator: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screening.models.rule.ENOUGH_DECIDED", 4)
    for is_breach in (True, True, True, False):
        learn(TEXT, Category.SPAM, is_breach, uuid4())
    assert promoted(moderator, drafted(moderator), 1).confidence == 0.75


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE screening_rule_versions SET phrases = 'x'",
        "UPDATE screening_rule_versions SET examples = '{}'",
        "UPDATE screening_rule_changes SET why = 'x'",
        "DELETE FROM screening_rule_changes",
        "DELETE FROM screening_rule_versions",
        "UPDATE screening_verdicts SET outcome = 'allow'",
    ],
)
def test_the_database_itself_keeps_what_was(statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_two_versions_never_stand_in_one_live_state() -> None:
    first = seed("selling")
    with pytest.raises(DatabaseError), transaction.atomic():
        RuleVersion.objects.create(
            rule=first.rule, number=9, phrases="x", examples=[], counter_examples=[], state=first.state, why=WHY
        )


def test_who_rules_is_said_in_one_place() -> None:
    assert set(ruling.RULERS) == {"moderator", "operator"}


def test_a_rule_that_looks_for_too_much_is_refused_by_its_size(moderator: Member) -> None:
    heavy = "\n".join(["(kill|hurt|stab)… (you|u)… (now|soon)… (a|b){1,99}"] * 200)
    with pytest.raises(NotValid) as refused:
        drafted(moderator, phrases=heavy)
    assert "Please make two rules of it" in str(refused.value.extras)


def test_all_rules_together_have_one_measure(moderator: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    version = drafted(moderator)
    replay(version)
    monkeypatch.setattr(ruling, "MOST_STEPS_TOGETHER", 10_000)
    with pytest.raises(NotValid, match="all rules together look for too much"):
        promote(moderator, version, WHY)
    monkeypatch.undo()
    assert promote(moderator, version, WHY).state == State.SHADOW


class TestTheStepThatBringsLearnedRules:
    step = import_module("screening.migrations.0004_learned_rules")

    def as_before(self, name: str, made_by: Member | None = None) -> RuleVersion:
        """A site whose rule still is what it was."""
        now_there = seed(name)
        RuleVersion.objects.filter(pk=now_there.pk).update(state=State.RETIRED)
        RuleChange.objects.create(version=now_there, from_state="warn", to_state="retired", why=WHY)
        old = RuleVersion.objects.create(
            rule=now_there.rule, number=2, phrases="old words", examples=["old words"], counter_examples=["new"],
            state=State.SHADOW, why=WHY, made_by=made_by,
        )  # fmt: skip
        RuleChange.objects.create(version=old, from_state="draft", to_state="shadow", why=WHY)
        return old

    def live(self, name: str) -> list[tuple[int, str]]:
        versions = RuleVersion.objects.filter(rule__name=name).exclude(state=State.RETIRED)
        return [(one.number, one.state) for one in versions]

    def test_a_changed_rule_is_a_new_version_where_the_old_one_stood_and_can_be_taken_back(self) -> None:
        self.as_before("selling")
        for _ in range(2):
            self.step.bring(apps, None)
            assert self.live("selling") == [(3, "shadow")]
            assert "telegram" in RuleVersion.objects.get(rule__name="selling", number=3).phrases
            self.step.take_back(apps, None)
            assert self.live("selling") == [(2, "shadow")]
        assert broken() == {}

    def test_a_new_rule_is_made_and_taken_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        name = "a rule of tomorrow"
        monkeypatch.setattr(self.step, "SEEDS", [dataclasses.replace(SEEDS[-1], name=name)])
        monkeypatch.setattr(Seed, "_parts", SEEDS[-1]._parts)
        self.step.bring(apps, None)
        assert self.live(name) == [(1, "warn")]
        self.step.take_back(apps, None)
        assert self.live(name) == []
        self.step.bring(apps, None)
        assert self.live(name) == [(1, "warn")]
        assert broken() == {}

    def test_what_our_staff_changed_or_retired_stays(self, moderator: Member) -> None:
        self.as_before("selling", made_by=moderator)
        retire(moderator, seed("email address"), WHY)
        self.step.bring(apps, None)
        assert self.live("selling") == [(2, "shadow")]
        assert self.live("email address") == []
