"""What the site promises about offering and talking, tried one after the other."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from carecollective.management.smoke.cast import ANSWER, FOLLOW_UP, OFFER, Cast, Player
from carecollective.management.smoke.findings import Findings
from carecollective.management.smoke.site import Answer, NotAsHoped, Site
from messaging.models.conversation import NOT_WRITABLE
from messaging.models.holding import NOT_APPROVED, WITH_YOURSELF

CONVERSATIONS = "/api/messaging/conversations"
NOT_OURS = "{} is not a site of ours: its /api/health answers {}, and not in our words."
OTHER_DATABASE = "{} does not know what was made here: it has another database than this command."
NO_PROOF = "{} did not show what was made here, so it is not known to have this database: expected 200, came {}{}."


def health(site: Site, found: Findings) -> None:
    answer = site.get("/api/health")
    parts = {name: part for name, part in answer.body.items() if isinstance(part, dict) and "ok" in part}
    # Without its database it says no more than this.
    if "database" not in parts or not isinstance(answer.body.get("warnings"), list):
        raise NotAsHoped(NOT_OURS.format(site.address, answer.status))
    found.expect("Health answers 200", answer, 200, status="ok")
    unwell = sorted(name for name, part in parts.items() if part["ok"] is not True)
    found.same("Health finds the database and all else well", [], unwell)


def must_have_our_database(site: Site, cast: Cast) -> None:
    """The token, the request and who asks were made here a moment ago, and stand nowhere else."""
    answer = site.get(f"/api/help-requests/{cast.open_id}", cast.asker.token)
    shown = answer.body.get("help_request")
    asker = shown.get("requester") if isinstance(shown, dict) else None
    if answer.status == 200 and isinstance(asker, dict) and asker.get("id") == str(cast.asker.member.pk):
        return
    if answer.status in (401, 404):
        raise NotAsHoped(OTHER_DATABASE.format(site.address))
    raise NotAsHoped(NO_PROOF.format(site.address, answer.status, answer.trouble))


@dataclass(frozen=True)
class Begun:
    """The conversation as the offer's answer told of it."""

    id: str
    version: Any

    @property
    def path(self) -> str:
        return f"{CONVERSATIONS}/{self.id}"


def play(site: Site, cast: Cast, found: Findings) -> None:
    _refusals(site, cast, found)
    with cast.shown():
        begun = _offer(site, cast, found)
    if begun is None:
        found.surprises.append("The rest was not tried, because there is no conversation.")
        return
    _keeping_out(site, cast.outsider, begun, found)
    _talk(site, cast, begun, found)
    for who, player in (("Who asked", cast.asker), ("Who offered", cast.helper)):
        _read(site, player, begun, who, found)


def _refusals(site: Site, cast: Cast, found: Findings) -> None:
    own = _offered(site, cast.asker, cast.open_id)
    facts: dict[str, Any] = {"error": "validation_error", "message": WITH_YOURSELF}
    found.expect("An offer on one's own request is refused", own, 400, **facts)
    waiting = _offered(site, cast.waiting, cast.open_id)
    facts = {"error": "permission_denied", "message": NOT_APPROVED, "requires_approval": True}
    found.expect("An offer by somebody who is not approved is refused", waiting, 403, **facts)
    closed = _offered(site, cast.helper, cast.closed_id)
    found.expect("An offer on a closed request is refused", closed, 400, error="help_request_unavailable")


def _offer(site: Site, cast: Cast, found: Findings) -> Begun | None:
    """The conversation, if one was started; its version is what the flag says for who offers."""
    features, key = site.get("/api/features", cast.helper.token), str(uuid4())
    version = 2 if features.body.get("messaging_v2") is True else 1
    first = _offered(site, cast.helper, cast.open_id, client_id=key)
    facts = {"success": True, "status": "active", "help_request_id": str(cast.open_id), "version": version}
    found.expect(f"An offer starts a conversation, of version {version}", first, 201, **facts)
    begun = Begun(str(first.body.get("conversation_id")), first.body.get("version"))
    if first.status != 201:
        return None
    again = _offered(site, cast.helper, cast.open_id, client_id=key)
    found.expect("The same key again is the same offer", again, 201, conversation_id=begun.id)
    other = _offered(site, cast.helper, cast.open_id)
    facts = {"error": "conversation_exists", "conversation_id": begun.id}
    found.expect("A second offer leads to the first", other, 409, **facts)
    return begun


def _keeping_out(site: Site, outsider: Player, begun: Begun, found: Findings) -> None:
    written = _said(site, outsider, begun, ANSWER)
    found.expect("An outsider may not write", written, 403, error="permission_denied", message=NOT_WRITABLE)
    read = site.get(begun.path, outsider.token)
    found.expect("An outsider may not read", read, 404, error="not_found")


def _talk(site: Site, cast: Cast, begun: Begun, found: Findings) -> None:
    key = str(uuid4())
    answer = _said(site, cast.asker, begun, ANSWER, client_id=key)
    found.expect("Who asked answers", answer, 201, success=True, sequence=2)
    again = _said(site, cast.asker, begun, ANSWER, client_id=key)
    same = answer.body.get("message_id")
    found.expect("The same key again is the same message", again, 200, message_id=same, sequence=2)
    follow_up = _said(site, cast.helper, begun, FOLLOW_UP)
    found.expect("Who offered writes again", follow_up, 201, success=True, sequence=3)


def _read(site: Site, player: Player, begun: Begun, who: str, found: Findings) -> None:
    thread = site.get(f"{begun.path}/messages", player.token)
    words = [message.get("content") for message in _rows(thread, "messages")]
    found.same(f"{who} reads all words, once each and in order", [OFFER, ANSWER, FOLLOW_UP], words)
    inbox = site.get(f"{CONVERSATIONS}?limit=20", player.token)
    listed = [[row.get("id"), row.get("version")] for row in _rows(inbox, "conversations")]
    found.same(f"{who} has the conversation in the inbox", [[begun.id, begun.version]], listed)


def _offered(site: Site, player: Player, request_id: UUID, **key: str) -> Answer:
    path = f"/api/messaging/help-requests/{request_id}/start-conversation"
    return site.post(path, player.token, {"initial_message": OFFER, **key})


def _said(site: Site, player: Player, begun: Begun, words: str, **key: str) -> Answer:
    return site.post(f"{begun.path}/messages", player.token, {"content": words, **key})


def _rows(answer: Answer, name: str) -> list[dict[str, Any]]:
    rows = answer.body.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
