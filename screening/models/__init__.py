"""The screening room's tables."""

from screening.models.example import Example
from screening.models.rule import Replay, Rule, RuleChange, RuleVersion
from screening.models.verdict import KeptVerdict

__all__ = ["Example", "KeptVerdict", "Replay", "Rule", "RuleChange", "RuleVersion"]
