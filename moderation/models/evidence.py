"""How something stood when it was reported or found: sealed, with a digest that tells whether it is still the same."""

import secrets
from typing import Any

import orjson
from django.db import models

from carecollective.encryption import CannotOpen, SealedText, fingerprint


class SealedEvidence(models.Model):
    evidence = models.TextField()
    evidence_key_id = models.CharField(max_length=32)
    evidence_digest = models.CharField(max_length=64)

    clear_evidence = SealedText("evidence", key_column="evidence_key_id")

    class Meta:
        abstract = True

    @property
    def opened_evidence(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.clear_evidence)
        return found

    @property
    def is_intact(self) -> bool:
        """Whether the evidence is what was sealed, whichever key seals it now."""
        try:
            return fingerprint(self.clear_evidence) == self.evidence_digest
        except CannotOpen:
            return False

    def seal(self, evidence: dict[str, Any]) -> None:
        # The salt lets the digest stay the same when keys change, and keeps it from giving a short message away.
        salted = evidence | {"salt": secrets.token_hex(16)}
        clear = orjson.dumps(salted, option=orjson.OPT_SORT_KEYS).decode()
        self.clear_evidence, self.evidence_digest = clear, fingerprint(clear)
