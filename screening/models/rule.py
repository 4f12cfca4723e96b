"""Rules, their versions, how far each has come, and what it found when it was tried."""

from datetime import timedelta
from hashlib import sha256

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Now
from django.utils.timezone import now

from carecollective.errors import NotFound, NotValid
from members.models import Member
from screening import phrases
from screening.detectors import DETECTORS
from screening.ruleset import Ruleset, Running
from screening.words import IN_FORCE, LIVE, NEVER_STOPPED, STEPS, Category, State

WHY_MOST = 300
EXAMPLES_MOST = 40
EXAMPLE_MOST = 300
FRESH = timedelta(days=1)
# Of harmless sentences, at most this share may be found before a rule goes on.
FALSE_ALARMS_MOST = 0.01
# From so many decided texts on, what a rule got right says more than what its author thought.
ENOUGH_DECIDED = 20


class Rule(models.Model):
    site_rights = ("SELECT", "INSERT")

    name = models.CharField(max_length=60, unique=True)
    category = models.CharField(max_length=14, choices=Category.choices)
    purpose = models.CharField("what it is for", max_length=WHY_MOST)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "screening_rules"
        ordering = ["category", "name"]
        constraints = [
            CheckConstraint(name="screening_rules_category_known", condition=Q(category__in=Category.values))
        ]

    def __str__(self) -> str:
        return self.name


class Versions(models.QuerySet["RuleVersion"]):
    def hold_all(self) -> dict[int, "RuleVersion"]:
        """Rules are changed by one person at a time; there are few of them."""
        return {one.pk: one for one in self.select_for_update(of=("self",)).select_related("rule").order_by("pk")}

    def held(self, version_id: int) -> "RuleVersion":
        """As it is now, and nobody else changes any rule until this transaction ends."""
        found = self.hold_all().get(version_id)
        if found is None:
            raise NotFound()
        return found


class RuleVersion(models.Model):
    """What it looks for never changes; another pattern is another version. A trigger holds that."""

    site_rights = ("SELECT", "INSERT", "UPDATE")

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    phrases = models.TextField(blank=True, default="")
    unless = models.TextField("unless near it", blank=True, default="")
    detector = models.CharField(max_length=10, blank=True, default="")
    examples = ArrayField(models.TextField(), help_text="It must find each of these.")
    counter_examples = ArrayField(models.TextField(), help_text="It must find none of these.")
    confidence = models.FloatField(default=0.5)
    state = models.CharField(max_length=7, choices=State.choices, default=State.DRAFT, db_default=State.DRAFT)
    # Nobody for the rules a site begins with.
    made_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    why = models.CharField(max_length=WHY_MOST)
    created_at = models.DateTimeField(db_default=Now())

    objects = Versions.as_manager()

    class Meta:
        db_table = "screening_rule_versions"
        ordering = ["rule", "-number"]
        verbose_name = "rule"
        constraints = [
            UniqueConstraint(name="unique_screening_rule_version", fields=["rule", "number"]),
            UniqueConstraint(
                name="one_screening_rule_version_per_live_state",
                fields=["rule", "state"],
                condition=Q(state__in=[state.value for state in LIVE]),
            ),
            CheckConstraint(name="screening_rule_versions_state_known", condition=Q(state__in=State.values)),
            CheckConstraint(
                name="screening_rule_versions_look_for_something", condition=~(Q(phrases="") & Q(detector=""))
            ),
            CheckConstraint(
                name="screening_rule_versions_confidence_is_a_share",
                condition=Q(confidence__gte=0) & Q(confidence__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule.name} {self.number}"

    @property
    def running(self) -> Running:
        return Running(
            rule=self.rule.name,
            category=self.rule.category,
            version=self.number,
            state=self.state,
            phrases=self.phrases,
            unless=self.unless,
            detector=self.detector,
            confidence=self.confidence,
        )

    @property
    def digest(self) -> str:
        """Of what it looks for."""
        return sha256("\0".join((self.phrases, self.unless, self.detector)).encode()).hexdigest()

    @property
    def is_in_force(self) -> bool:
        return self.state in IN_FORCE

    @property
    def next_state(self) -> str | None:
        """The one step it may take; a rule nobody may be stopped by goes no further than warning."""
        if self.state == State.RETIRED:
            return None
        after = STEPS[STEPS.index(State(self.state)) + 1 :]
        if not after or (after[0] in (State.HOLD, State.BLOCK) and self.rule.category in NEVER_STOPPED):
            return None
        return after[0].value

    @property
    def states_before(self) -> list[str]:
        return [] if self.state == State.RETIRED else [step.value for step in STEPS[: STEPS.index(State(self.state))]]

    def must_be_readable(self) -> None:
        problems: dict[str, list[str]] = {}
        for field in ("phrases", "unless"):
            words = getattr(self, field)
            if field == "unless" and not words.strip():
                continue
            if field == "phrases" and self.detector:
                continue
            try:
                phrases.must_be_readable(words)
            except phrases.NotAPattern as problem:
                problems[field] = [str(problem)]
        if self.detector and self.detector not in DETECTORS:
            problems["detector"] = [f"The detectors are {', '.join(DETECTORS)}."]
        if problems:
            raise NotValid(fields=problems)

    def must_agree_with_its_examples(self) -> None:
        if not self.examples or not self.counter_examples:
            raise NotValid("Please give at least one example it must find, and one it must not.")
        alone = Ruleset([self.running])
        missed = [text for text in self.examples if not alone.examine(text)]
        wrong = [text for text in self.counter_examples if alone.examine(text)]
        if missed or wrong:
            told = [f"It does not find “{text}”." for text in missed] + [f"It finds “{text}”." for text in wrong]
            raise NotValid(" ".join(told[:3]))

    def must_have_been_replayed(self) -> "Replay":
        replay = self.replays.order_by("-id").first()
        if replay is None or replay.pattern_digest != self.digest or replay.at < now() - FRESH:
            raise NotValid("Please replay it over the decided texts first. A replay counts for one day.")
        replay.must_be_harmless()
        return replay


class Replay(models.Model):
    """What a version found in texts a moderator has decided about, and in our harmless sentences."""

    site_rights = ("SELECT", "INSERT")

    version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="replays", db_index=False)
    pattern_digest = models.CharField(max_length=64)
    decided = models.PositiveIntegerField()
    hits = models.PositiveIntegerField()
    false_alarms = models.PositiveIntegerField()
    misses = models.PositiveIntegerField()
    benign = models.PositiveIntegerField("harmless sentences")
    benign_alarms = models.PositiveIntegerField("harmless sentences it found")
    made_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "screening_replays"
        ordering = ["-id"]
        indexes = [models.Index(name="screening_replays_by_version", fields=["version", "-id"])]

    def __str__(self) -> str:
        return (
            f"{self.hits} right, {self.false_alarms} wrong and {self.misses} missed of {self.decided} decided texts; "
            f"{self.benign_alarms} of {self.benign} harmless sentences"
        )

    @property
    def precision(self) -> float | None:
        """The share of what it found that did break a rule; None while too little was decided."""
        found = self.hits + self.false_alarms
        return self.hits / found if found >= ENOUGH_DECIDED else None

    def must_be_harmless(self) -> None:
        if self.benign_alarms > FALSE_ALARMS_MOST * self.benign:
            raise NotValid(
                f"It finds {self.benign_alarms} of {self.benign} harmless sentences. At most 1 in 100 may be found."
            )


class RuleChange(models.Model):
    """Each step of each version; rows are only ever added. How many there are says whether rules have changed."""

    site_rights = ("SELECT", "INSERT")

    version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="changes", db_index=False)
    from_state = models.CharField(max_length=7, choices=State.choices)
    to_state = models.CharField(max_length=7, choices=State.choices)
    changed_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    why = models.CharField(max_length=WHY_MOST)
    replay = models.ForeignKey(Replay, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "screening_rule_changes"
        ordering = ["-id"]
        indexes = [models.Index(name="screening_changes_by_version", fields=["version", "-id"])]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
