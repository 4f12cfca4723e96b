"""What an attempt can come to: it worked, it was refused for a good reason, or it failed on our side."""

from carecollective.errors import every_refusal

WORKED = ("success", "replayed")
# Refusals are answers that are right, however many there are: they are no failures, and they hide none.
FAULTS = tuple(sorted(refusal.code for refusal in every_refusal() if refusal.status >= 500))
