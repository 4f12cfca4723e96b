"""What the database itself holds true about conversations and messages, each rule under a readable name."""

from collections.abc import Iterator

from django.db.models import BaseConstraint, CheckConstraint, F, Q, UniqueConstraint
from django.db.models.functions import Greatest, Least, Length
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from messaging.models.words import (
    OPENING_LEAST,
    TEXT_MOST,
    UNDELIVERED,
    Caution,
    Deed,
    Happening,
    Kind,
    Moderation,
    OfferState,
    Origin,
    Status,
    Type,
    Version,
)


def conversation_constraints() -> list[BaseConstraint]:
    return [
        UniqueConstraint(name="unique_help_request_helper", fields=["help_request", "helper"]),
        UniqueConstraint(
            Least("requester", "helper"),
            Greatest("requester", "helper"),
            condition=Q(kind=Kind.DIRECT),
            name="unique_direct_pair",
        ),
        UniqueConstraint(
            name="unique_accepted_offer", fields=["help_request"], condition=Q(offer_state=OfferState.ACCEPTED)
        ),
        UniqueConstraint(
            name="unique_conversation_client_id", fields=["helper", "client_id"], condition=~Q(client_id="")
        ),
        *(CheckConstraint(name=f"conversations_v2_{name}", condition=rule) for name, rule in _of_conversations()),
    ]


def message_constraints() -> list[BaseConstraint]:
    return [
        UniqueConstraint(name="unique_message_sequence", fields=["conversation", "sequence"]),
        UniqueConstraint(name="unique_message_client_id", fields=["sender", "client_id"], condition=~Q(client_id="")),
        *(CheckConstraint(name=f"messages_v2_{name}", condition=rule) for name, rule in _of_messages()),
    ]


def log_constraints() -> list[BaseConstraint]:
    return [CheckConstraint(name="message_audit_log_deed_known", condition=Q(deed__in=Deed.values))]


def _of_conversations() -> Iterator[tuple[str, Q]]:
    yield "version_known", Q(version__in=Version.values)
    yield "kind_known", Q(kind__in=Kind.values)
    yield "status_known", Q(status__in=Status.values)
    yield "origin_known", Q(origin__in=Origin.values)
    yield "two_people", ~Q(requester=F("helper"))
    yield "opening_sender_is_one_of_two", Q(opening_sender=F("helper")) | Q(opening_sender=F("requester"), origin="v1")
    yield (
        "kind_agrees",
        Q(kind=Kind.DIRECT, help_request__isnull=True, offer_state__isnull=True)
        | Q(kind=Kind.HELP, help_request__isnull=False, offer_state__isnull=False),
    )
    yield (
        "has_its_words",
        _words("initial_message", "opening_", OPENING_LEAST)
        | (Q(origin=Origin.V1) & _words("initial_message", "opening_", 1, None)),
    )
    yield "opening_moderation_known", Q(opening_moderation__in=["", *Moderation.values])
    yield "opening_caution_known", Q(opening_caution__in=["", *Caution.values])
    yield "hidden_opening_is_kept_sealed", _kept_sealed("opening_")
    yield "held_agrees_with_its_opening", _both_or_neither(Q(status=Status.HELD), Q(opening_moderation__in=UNDELIVERED))
    yield "closed_at_agrees", _both_or_neither(Q(status=Status.CLOSED), Q(closed_at__isnull=False))
    yield "offer_agrees_with_its_moments", _offer_moments()
    yield from _positions()


def _positions() -> Iterator[tuple[str, Q]]:
    for side in ("requester", "helper"):
        yield f"{side}_read_is_delivered", Q(**{f"{side}_read__lte": F(f"{side}_delivered")})
        yield f"{side}_delivered_exists", Q(**{f"{side}_delivered__lte": F("last_sequence")})


def _of_messages() -> Iterator[tuple[str, Q]]:
    yield "type_known", Q(type__in=Type.values)
    yield "origin_known", Q(origin__in=Origin.values)
    yield "comes_after_the_opening", Q(sequence__gte=2)
    yield "moderation_known", Q(moderation__in=["", *Moderation.values])
    yield "undelivered_has_no_place", _both_or_neither(Q(sequence__isnull=True), Q(moderation__in=UNDELIVERED))
    yield "caution_known", Q(caution__in=["", *Caution.values])
    yield "hidden_is_kept_sealed", _kept_sealed("")
    yield "has_its_words", _words("content", "", 1) | (Q(origin=Origin.V1) & _words("content", "", 1, None))
    yield "only_the_site_has_no_sender", Q(sender__isnull=False) | Q(type=Type.SYSTEM)
    yield "line_of_ours_says_what_happened", _both_or_neither(Q(type=Type.SYSTEM), ~Q(happening=""))
    yield "happening_known", Q(happening__in=["", *Happening.values])
    yield (
        "sensitive_is_sealed",
        ~Q(type__in=[Type.CONTACT_EXCHANGE, Type.SENSITIVE], key_id="", deleted_at__isnull=True)
        | Q(moderation=Moderation.HIDDEN),
    )


def _words(column: str, prefix: str, least: int, most: int | None = TEXT_MOST) -> Q:
    """Clear words of a readable length, sealed words of any, or none once they were deleted or hidden."""
    length = Q(GreaterThanOrEqual(Length(column), least))
    length &= Q(LessThanOrEqual(Length(column), most)) if most else Q()
    is_gone = Q(**{f"{prefix}deleted_at__isnull": False}) | Q(**{f"{prefix}moderation": Moderation.HIDDEN})
    return (
        (~is_gone & Q(key_id="") & length)
        | (~is_gone & ~Q(key_id="") & Q(GreaterThanOrEqual(Length(column), 1)))
        | (is_gone & Q(key_id="") & Q(**{column: ""}))
    )


def _kept_sealed(prefix: str) -> Q:
    """Hidden words that were not deleted stand sealed in their own column, and no others do.

    What the earlier system had hidden stays where it stood there.
    """
    is_hidden = Q(**{f"{prefix}moderation": Moderation.HIDDEN, f"{prefix}deleted_at__isnull": True})
    is_kept = ~Q(**{f"{prefix}hidden": ""}) & ~Q(**{f"{prefix}hidden_key_id": ""})
    is_empty = Q(**{f"{prefix}hidden": "", f"{prefix}hidden_key_id": ""})
    return (is_hidden & is_kept) | (~is_hidden & is_empty) | (Q(origin=Origin.V1) & is_empty)


def _offer_moments() -> Q:
    """A state has its own moment and none of another state; every offer was made at some time."""
    moments = [f"{state.value}_at__isnull" for state in OfferState if state != OfferState.OFFERED]
    rule = Q(offer_state__isnull=True, offered_at__isnull=True, **dict.fromkeys(moments, True))
    for state in OfferState:
        own = f"{state.value}_at__isnull"
        # Named as known, because an unknown state compares as unknown, and that is enough for a CHECK.
        rule |= Q(offer_state__isnull=False, offer_state=state, offered_at__isnull=False) & Q(
            **{moment: moment != own for moment in moments}
        )
    return rule


def _both_or_neither(one: Q, other: Q) -> Q:
    return (one & other) | (~one & ~other)
