"""manage.py screening: how good the rules are. manage.py screening replay RULE: what one finds in decided texts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from screening import measuring
from screening.models import RuleVersion
from screening.models.rule import FALSE_ALARMS_MOST
from screening.ruleset import Ruleset
from screening.services.replaying import replay
from screening.words import LIVE, State


class Command(BaseCommand):
    help = "Measures the rules in force: false alarms, what they find, and how long they take. Or replays one rule."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", nargs="?", choices=["measure", "replay"], default="measure")
        parser.add_argument("rule", nargs="?", help="the name of the rule to replay")
        parser.add_argument("--show", action="store_true", help="also print the lines that went wrong")

    def handle(self, *args: Any, act: str, rule: str | None, show: bool, **options: Any) -> None:
        if act == "replay":
            self._replay(rule or "")
            return
        live = RuleVersion.objects.filter(state__in=LIVE).select_related("rule")
        rules = Ruleset(version.running for version in live)
        self.stdout.write(f"{len(rules.rules)} rules, digest {rules.digest}.")
        self._false_alarms(rules, show)
        self._found(rules, show)
        self._time(rules)

    def _replay(self, name: str) -> None:
        versions = RuleVersion.objects.filter(rule__name=name).exclude(state=State.RETIRED).select_related("rule")
        if not versions:
            raise CommandError(f"There is no rule called “{name}”.")
        for version in versions:
            self.stdout.write(f"{version} ({version.state}): {replay(version)}.")

    def _false_alarms(self, rules: Ruleset, show: bool) -> None:
        halves = measuring.benign_halves()
        self.stdout.write("\nHarmless sentences         found         warned of")
        rows = (
            ("known", halves.known),
            ("held back", halves.held_back),
            ("both", [*halves.known, *halves.held_back]),
            ("fresh", [line for line in measuring.fresh() if not line.category]),
        )
        for name, lines in rows:
            wrong = measuring.alarms(rules, lines)
            told = measuring.Share(len(measuring.warned(rules, lines)), len(lines))
            self.stdout.write(f"  {name:<22} {measuring.Share(len(wrong), len(lines))!s:<20} {told}")
            self._lines(wrong if show and name != "both" else [])
        self.stdout.write(f"  At most {FALSE_ALARMS_MOST:.0%} may be found.")

    def _found(self, rules: Ruleset, show: bool) -> None:
        samples = (*measuring.abusive_halves(), [line for line in measuring.fresh() if line.category])
        known, held_back, fresh = (measuring.recall(rules, lines) for lines in samples)
        self.stdout.write("\nHarmful lines              known                held back            fresh")
        for category, share in known.items():
            self.stdout.write(f"  {category:<22}   {share!s:<20} {held_back[category]!s:<20} {fresh[category]}")
        if show:
            for lines in samples:
                self._lines(measuring.missed(rules, lines))

    def _time(self, rules: Ruleset) -> None:
        self.stdout.write("\nMicroseconds per 1,000 characters, in texts of")
        self.stdout.write("  " + " " * 22 + "".join(f"{length:>10,}" for length in measuring.LENGTHS))
        for name, text in (
            ("harmless sentences", " ".join(measuring.benign())),
            ("all disguises at once", measuring.HOSTILE),
        ):
            shares = [measuring.microseconds(rules, text, length) / length * 1000 for length in measuring.LENGTHS]
            self.stdout.write(f"  {name:<22}" + "".join(f"{share:>10.0f}" for share in shares))

    def _lines(self, lines: list[measuring.Line]) -> None:
        for line in lines:
            self.stdout.write(f"      {line.category or 'harmless'}: {line.text}")
