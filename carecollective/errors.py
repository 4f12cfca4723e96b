"""Every refusal this site can answer with: its code, its status, one plain sentence."""

from typing import Any, ClassVar


class Refusal(Exception):
    """Something a person asked for and does not get; `http.py` turns it into the answer."""

    code: ClassVar[str]
    status: ClassVar[int]
    sentence: ClassVar[str]

    def __init__(self, sentence: str | None = None, **extras: Any):
        self.words = sentence or self.sentence
        self.extras = extras
        super().__init__(self.words)


class NotValid(Refusal):
    """`fields` names each field that has a problem, with its sentences."""

    code = "validation_error"
    status = 400
    sentence = "Some of what you sent cannot be used."

    def __init__(self, sentence: str | None = None, **extras: Any):
        extras.setdefault("fields", {})
        super().__init__(sentence or _first_sentence(extras["fields"]), **extras)


class HelpRequestUnavailable(Refusal):
    code = "help_request_unavailable"
    status = 400
    sentence = "Help request is no longer available"


class ContentBlocked(Refusal):
    code = "content_blocked"
    status = 400
    sentence = "This text breaks one of our rules, so it was not sent."


class NotSignedIn(Refusal):
    code = "not_authenticated"
    status = 401
    sentence = "Please sign in first."


class NotPermitted(Refusal):
    code = "permission_denied"
    status = 403
    sentence = "You may not do this."


class MemberRestricted(Refusal):
    code = "user_restricted"
    status = 403
    sentence = "A moderator has paused this for your account."


class CsrfFailed(Refusal):
    code = "csrf_failed"
    status = 403
    sentence = "This form has been open too long. Please go back, load the page again and send it once more."


class NotFound(Refusal):
    code = "not_found"
    status = 404
    sentence = "We cannot find that. It may have been taken down."


class MethodNotAllowed(Refusal):
    code = "method_not_allowed"
    status = 405
    sentence = "This address does not take that kind of request."


class ConversationExists(Refusal):
    code = "conversation_exists"
    status = 409
    sentence = "You already have a conversation about this help request"


class AlreadyReported(Refusal):
    code = "already_reported"
    status = 409
    sentence = "You have already reported this. A person will read it."


class OfferStateChanged(Refusal):
    code = "offer_state_changed"
    status = 409
    sentence = "This offer has changed in the meantime."


class IdempotencyKeyReused(Refusal):
    code = "idempotency_key_reused"
    status = 409
    sentence = "This key was already used for something else."


class CaseAlreadyDecided(Refusal):
    code = "case_already_decided"
    status = 409
    sentence = "Someone else has decided this case."


class PayloadTooLarge(Refusal):
    code = "payload_too_large"
    status = 413
    sentence = "That is more than we can take at once."


class UnsupportedMediaType(Refusal):
    code = "unsupported_media_type"
    status = 415
    sentence = "Please send JSON, with the content type application/json."


class RateLimited(Refusal):
    """`retry_after` is the number of seconds until it works again; a sentence may name them as `{wait}`."""

    code = "rate_limited"
    status = 429
    sentence = "You are doing this very fast. Please wait a moment and try again."

    def __init__(self, sentence: str | None = None, **extras: Any):
        self.wait = wait_in_words(extras.get("retry_after", 1))
        super().__init__((sentence or self.sentence).replace("{wait}", self.wait), **extras)


class ServerFault(Refusal):
    code = "server_error"
    status = 500
    sentence = "That did not work. It is our fault, not yours."


class ServiceUnavailable(Refusal):
    code = "service_unavailable"
    status = 503
    sentence = "We cannot do this right now. Please try again in a few seconds."

    def __init__(self, sentence: str | None = None, **extras: Any):
        extras.setdefault("retry_after", 5)
        super().__init__(sentence, **extras)


class Warned(Exception):
    """Nothing is wrong, but the writer is asked once more before it goes; only pages ask, so it has no code."""

    def __init__(self, sentences: list[str]):
        self.sentences = sentences
        super().__init__(*sentences)


def wait_in_words(seconds: int) -> str:
    if seconds < 90:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes < 90 else f"{-(-minutes // 60)} hours"


def every_refusal() -> list[type[Refusal]]:
    return list(Refusal.__subclasses__())


def _first_sentence(fields: dict[str, list[str]]) -> str | None:
    return next((sentences[0] for sentences in fields.values() if sentences), None)
