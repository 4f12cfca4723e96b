"""Where a reporter came from, and goes back to."""

from uuid import UUID

from moderation.models import Kind, Report

# Behind a block there is no page of that person to go back to.
HOME = {"url": "/home/", "words": "Home"}


def place_of(kind: str, place_id: UUID) -> dict[str, str]:
    if kind == Kind.HELP_REQUEST:
        return {"url": f"/requests/{place_id}/", "words": "Back to the request"}
    if kind == Kind.MEMBER:
        return {"url": f"/people/{place_id}/", "words": "Back to their page"}
    return {"url": f"/messages/{place_id}/", "words": "Back to the chat"}


def place_of_report(report: Report, *, is_blocked: bool) -> dict[str, str]:
    if is_blocked and report.target_kind == Kind.MEMBER:
        return HOME
    return place_of(report.target_kind, report.conversation_id or report.target_id)
