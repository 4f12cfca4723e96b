"""The help requests room's tables."""

from help_requests.models.draft import RequestDraft
from help_requests.models.help_request import HelpRequest
from help_requests.models.words import CURRENT, Ending, LocationPrivacy, Moderation, Status, Urgency

__all__ = ["CURRENT", "Ending", "HelpRequest", "LocationPrivacy", "Moderation", "RequestDraft", "Status", "Urgency"]
