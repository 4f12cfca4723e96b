"""People: with their ids and addresses, without their passwords and without what they could do as staff."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from carecollective.errors import NotValid
from legacy.importing.errand import Errand
from legacy.importing.shape import PROFILES, USERS
from legacy.importing.source import Source
from legacy.importing.texts import line_of, text_of
from legacy.models import Newcomer
from members.models import Member, VerificationChange, VerificationStatus
from members.services.accounts import readable_address

KIND = "people"
NOBODY = "A member"
STATUSES = {
    "pending": "pending", "waiting": "pending", "unverified": "pending", "approved": "approved", "verified": "approved",
    "active": "approved", "rejected": "rejected", "declined": "rejected", "denied": "rejected",
}  # fmt: skip
NO_ID = "has no id"
NO_ACCOUNT = "has a profile and no account"
IS_DELETED = "had deleted the account"
NO_ADDRESS = "has no email address that can be written to"
SAME_ADDRESS = "has the address of somebody else, in other letters"
ADDRESS_IS_HERE = "has the address of another account here"
WAS_ADMIN = "was an administrator there; here an operator appoints staff (manage.py staff add)"
UNCONFIRMED = "was approved there without a confirmed address, and waits here"
UNKNOWN_STATUS = "had a status we do not know, and waits here"
NO_PROFILE = "had no profile, and waits here"


@dataclass
class Arrival:
    member: Member
    # What is not quite as it was, told when they are brought.
    notes: list[str]
    # Why they were declined there.
    declined: str = ""


def bring(errand: Errand) -> None:
    errand.expect_people()
    for rows in errand.batches(_query(errand.source)):
        _bring(errand, [arrival for row in rows if (arrival := _arrival(errand, row))])


def _query(source: Source) -> str:
    of_both = f"{source.columns(USERS, 'u')}, {source.columns(PROFILES, 'p')}"
    ids = source.column(USERS, "u", "id"), source.column(PROFILES, "p", "id")
    joined = source.join("FULL", PROFILES, "p", f"{ids[0]} = {ids[1]}")
    begun = source.column(USERS, "u", "created_at")
    return f"SELECT {of_both} FROM {USERS} AS u{joined} ORDER BY {begun}, coalesce({ids[0]}, {ids[1]})"  # noqa: S608


def _arrival(errand: Errand, row: dict[str, Any]) -> Arrival | None:
    """What they would be here; or nothing, with the reason told."""
    why, address = _what_is_wrong(row)
    if why:
        errand.tally.skip(KIND, row["u_id"] or row["p_id"], why)
        return None
    row["began"] = row["u_created_at"] or row["p_created_at"] or errand.began_at
    row["confirmed"] = row["u_email_confirmed_at"]
    if "email_confirmed_at" not in errand.source.tables[USERS]:
        row["confirmed"] = row["began"]
    status, note = _status(row)
    notes = [note, WAS_ADMIN if row["p_is_admin"] else ""]
    is_declined = status == VerificationStatus.REJECTED
    declined = line_of(row["p_rejection_reason"], 300) if is_declined else ""
    return Arrival(_member(row, address, status), [*filter(None, notes)], declined)


def _member(row: dict[str, Any], address: str, status: str) -> Member:
    name = line_of(row["p_name"] or _name_given(row["u_raw_user_meta_data"]), 100) or NOBODY
    return Member(
        id=row["u_id"],
        email=address,
        # Nobody can sign in with it: the way in is a link by mail.
        password=make_password(None),
        name=name,
        called=name if name == NOBODY else name.split()[0][:50],
        town=line_of(row["p_location"], 200),
        caregiving=text_of(row["p_caregiving_situation"], 1000),
        reason=text_of(row["p_application_reason"], 1000),
        about=text_of(row["p_bio"], 500),
        verification_status=status,
        email_confirmed_at=row["confirmed"],
        rules_accepted_at=row["began"],
        applied_at=row["p_applied_at"] or row["began"],
        created_at=row["began"],
    )


def _what_is_wrong(row: dict[str, Any]) -> tuple[str, str]:
    if row["u_id"] is None:
        return (NO_ACCOUNT if row["p_id"] else NO_ID), ""
    if row["u_deleted_at"]:
        return IS_DELETED, ""
    try:
        return "", readable_address(row["u_email"] or "")
    except (NotValid, UnicodeError):
        return NO_ADDRESS, ""


def _status(row: dict[str, Any]) -> tuple[str, str]:
    """And what there is to say about it."""
    status = STATUSES.get((row["p_verification_status"] or "pending").strip().lower())
    if row["p_id"] is None:
        return VerificationStatus.PENDING, NO_PROFILE
    if status is None:
        return VerificationStatus.PENDING, UNKNOWN_STATUS
    if status == VerificationStatus.APPROVED and row["confirmed"] is None:
        return VerificationStatus.PENDING, UNCONFIRMED
    return status, ""


def _name_given(written: str | None) -> object:
    try:
        given = json.loads(written or "{}")
    except ValueError:
        return ""
    return (given.get("name") or given.get("full_name") or "") if isinstance(given, dict) else ""


@transaction.atomic
def _bring(errand: Errand, arrivals: list[Arrival]) -> None:
    here = set(Member.objects.filter(pk__in=[it.member.pk for it in arrivals]).values_list("pk", flat=True))
    errand.tally.keep(KIND, len(here))
    strange = {it.member.pk: it for it in arrivals if it.member.pk not in here}
    for key in [*_whose_address_is_here(strange)]:
        errand.tally.skip(KIND, key, ADDRESS_IS_HERE)
        del strange[key]
    coming = errand.coming({key: it.member.email for key, it in strange.items()})
    for key in strange.keys() - coming:
        errand.tally.skip(KIND, key, SAME_ADDRESS)
    come = [it for key, it in strange.items() if key in coming]
    _tell(errand, come if errand.is_dry else _let_in(errand, come))


def _whose_address_is_here(arrivals: dict[UUID, Arrival]) -> list[UUID]:
    found = Member.objects.filter(email__in=[it.member.email for it in arrivals.values()])
    taken = set(found.values_list("email", flat=True))
    return [key for key, it in arrivals.items() if it.member.email in taken]


def _let_in(errand: Errand, arrivals: list[Arrival]) -> list[Arrival]:
    """Whoever joins with one of these addresses at this very moment was first."""
    Member.objects.bulk_create([it.member for it in arrivals], ignore_conflicts=True)
    ids = [it.member.pk for it in arrivals]
    there = set(Member.objects.filter(pk__in=ids).values_list("pk", flat=True))
    Newcomer.objects.bulk_create([Newcomer(pk=key) for key in ids if key in there], ignore_conflicts=True)
    come = [it for it in arrivals if it.member.pk in there]
    VerificationChange.objects.bulk_create([_no(it) for it in come if it.declined])
    for key in set(ids) - there:
        errand.tally.skip(KIND, key, ADDRESS_IS_HERE)
    return come


def _no(arrival: Arrival) -> VerificationChange:
    before, after = VerificationStatus.PENDING, VerificationStatus.REJECTED
    return VerificationChange(
        member=arrival.member,
        from_status=before,
        to_status=after,
        reason=arrival.declined,
        created_at=arrival.member.applied_at,
    )


def _tell(errand: Errand, arrivals: list[Arrival]) -> None:
    errand.tally.bring(KIND, len(arrivals))
    for arrival in arrivals:
        for note in arrival.notes:
            errand.tally.change(KIND, arrival.member.pk, note)
