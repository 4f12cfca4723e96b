"""The first rules as they are now, where a site still has them as they were: each changed one as a new version."""

from typing import Any

from django.db import migrations

from screening.seeds import SEEDS

WHY = "It learned from new sentences: more is found, and less that harms nobody."
BACK = "Taken back with the step that brought it."
LIVE = ("shadow", "warn", "hold", "block")


def bring(apps: Any, schema_editor: Any) -> None:
    """A rule our staff has changed, moved or retired is theirs; it stays as it is."""
    rules = apps.get_model("screening", "Rule")
    for seed in SEEDS:
        rule, is_new = rules.objects.get_or_create(
            name=seed.name, defaults={"category": seed.category.value, "purpose": seed.purpose}
        )
        before = _live(apps, rule)
        if before is not None and not _is_theirs(before, seed):
            state = before.state
            _move(apps, before, "retired", WHY)
            _move(apps, _version(apps, rule, seed), state, WHY)
        elif is_new or _was_taken_back(apps, rule):
            _move(apps, _version(apps, rule, seed), seed.state.value, WHY)


def take_back(apps: Any, schema_editor: Any) -> None:
    """What stood there stands there again; what was on record stays on record."""
    versions = apps.get_model("screening", "RuleVersion")
    for version in versions.objects.filter(why=WHY, state__in=LIVE).select_related("rule"):
        same_rule = versions.objects.filter(rule=version.rule, number__lt=version.number, made_by=None)
        before, state = same_rule.order_by("-number").first(), version.state
        _move(apps, version, "retired", BACK)
        if before is not None:
            _move(apps, before, state, BACK)


def _is_theirs(version: Any, seed: Any) -> bool:
    return bool(version.made_by_id) or (version.phrases, version.unless) == (seed.phrases, seed.unless)


def _was_taken_back(apps: Any, rule: Any) -> bool:
    changes = apps.get_model("screening", "RuleChange").objects.filter(version__rule=rule)
    last = changes.order_by("-id").first()
    return last is not None and (last.why, last.to_state) == (BACK, "retired")


def _live(apps: Any, rule: Any) -> Any:
    versions = apps.get_model("screening", "RuleVersion").objects.filter(rule=rule, state__in=LIVE)
    found = list(versions)
    return found[0] if len(found) == 1 else None


def _version(apps: Any, rule: Any, seed: Any) -> Any:
    versions = apps.get_model("screening", "RuleVersion").objects.filter(rule=rule)
    there = versions.filter(why=WHY, state="retired", phrases=seed.phrases, unless=seed.unless).first()
    last = versions.order_by("-number").first()
    return there or versions.model.objects.create(
        rule=rule,
        number=last.number + 1 if last else 1,
        phrases=seed.phrases,
        unless=seed.unless,
        detector=seed.detector,
        examples=seed.examples,
        counter_examples=seed.counter_examples,
        confidence=seed.confidence,
        state="draft",
        why=WHY,
    )


def _move(apps: Any, version: Any, to_state: str, why: str) -> None:
    from_state, version.state = version.state, to_state
    version.save(update_fields=["state"])
    changes = apps.get_model("screening", "RuleChange")
    changes.objects.create(version=version, from_state=from_state, to_state=to_state, why=why)


class Migration(migrations.Migration):
    dependencies = [("screening", "0003_guards")]
    operations = [migrations.RunPython(bring, take_back)]
