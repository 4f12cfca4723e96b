"""The rules a new site begins with, so that it is protected from its first text on."""

from typing import Any

from django.db import migrations

from screening.seeds import SEEDS

WHY = "One of the rules every site begins with."


def make(apps: Any, schema_editor: Any) -> None:
    rules, versions = apps.get_model("screening", "Rule"), apps.get_model("screening", "RuleVersion")
    changes = apps.get_model("screening", "RuleChange")
    for seed in SEEDS:
        rule = rules.objects.create(name=seed.name, category=seed.category.value, purpose=seed.purpose)
        version = versions.objects.create(
            rule=rule,
            number=1,
            phrases=seed.phrases,
            unless=seed.unless,
            detector=seed.detector,
            examples=seed.examples,
            counter_examples=seed.counter_examples,
            confidence=seed.confidence,
            state=seed.state.value,
            why=WHY,
        )
        changes.objects.create(version=version, from_state="draft", to_state=seed.state.value, why=WHY)


def remove(apps: Any, schema_editor: Any) -> None:
    for name in ("RuleChange", "Replay", "RuleVersion", "Rule"):
        apps.get_model("screening", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("screening", "0001_rules")]
    operations = [migrations.RunPython(make, remove)]
