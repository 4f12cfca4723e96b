"""What the frame asks of the audit room."""

from audit.services import BROKEN

INVARIANTS = {"14 the audit log is whole": BROKEN}
