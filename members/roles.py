"""What staff may be called upon to do; each role is a Django group made by a migration."""

TRIAGE = "triage"
VERIFIER = "verifier"
MODERATOR = "moderator"
AUDITOR = "auditor"
OPERATOR = "operator"

ALL = (TRIAGE, VERIFIER, MODERATOR, AUDITOR, OPERATOR)
