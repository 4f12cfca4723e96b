"""The words requests had there, and ours for them."""

from help_requests.models.words import Status, Urgency

STATUSES = {value: value for value in Status.values} | {
    "active": "open", "pending": "open", "reopened": "open",
    "matched": "in_progress", "accepted": "in_progress", "helping": "in_progress", "in-progress": "in_progress",
    "complete": "completed", "done": "completed", "fulfilled": "completed", "helped": "completed",
    "canceled": "cancelled", "withdrawn": "cancelled",
    "expired": "closed", "archived": "closed", "removed": "closed",
}  # fmt: skip
URGENCIES = {value: value for value in Urgency.values} | {
    "low": "normal", "medium": "normal", "high": "urgent", "soon": "urgent", "emergency": "critical",
}  # fmt: skip
CATEGORIES = {
    "groceries": "groceries-meals", "grocery": "groceries-meals", "meals": "groceries-meals", "food": "groceries-meals",
    "transport": "transportation-errands", "transportation": "transportation-errands",
    "errands": "transportation-errands", "rides": "transportation-errands",
    "household": "household-yard", "yard": "household-yard", "petcare": "household-yard", "pets": "household-yard",
    "medical": "health-caregiving", "health": "health-caregiving", "caregiving": "health-caregiving",
    "respite": "health-caregiving",
    "technology": "technology-administrative", "tech": "technology-administrative",
    "administrative": "technology-administrative", "paperwork": "technology-administrative",
    "social": "social-companionship", "companionship": "social-companionship", "emotional": "social-companionship",
}  # fmt: skip
