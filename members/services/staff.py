"""Who works here: appointed and dismissed by an operator, always on record."""

from django.contrib.auth.models import Group
from django.db import transaction

import audit.services as audit
from carecollective.errors import NotFound, NotValid
from members import roles
from members.models import Member, RecoveryCode, SecondFactor
from members.services.access import end_every_way_in
from members.services.accounts import fold_address
from members.services.verification import vouch_for


@transaction.atomic
def appoint(email: str, role: str, approve_too: bool = False) -> Member:
    """The person signs in anew, because staff sign in with a second step."""
    member, group = _member(email), _group(role)
    if not member.is_approved and not approve_too:
        raise NotValid(f"{member.email} is not an approved member yet. Add --approve to approve them as well.")
    if not member.is_approved:
        vouch_for(member)
    member.is_staff = True
    member.save(update_fields=["is_staff", "updated_at"])
    member.groups.add(group)
    end_every_way_in(member)
    audit.record("staff_appointed", subject=member, role=role)
    return member


@transaction.atomic
def dismiss(email: str, role: str) -> Member:
    member, group = _member(email), _group(role)
    member.groups.remove(group)
    member.is_staff = member.groups.filter(name__in=roles.ALL).exists()
    member.save(update_fields=["is_staff", "updated_at"])
    end_every_way_in(member)
    audit.record("staff_dismissed", subject=member, role=role)
    return member


@transaction.atomic
def reset_second_factor(email: str) -> Member:
    """For a lost phone: the next sign-in asks to set one up again."""
    member = _member(email)
    SecondFactor.objects.filter(member=member).delete()
    RecoveryCode.objects.filter(member=member).delete()
    end_every_way_in(member)
    audit.record("second_factor_reset", subject=member)
    return member


def _member(email: str) -> Member:
    member = Member.objects.select_for_update().filter(email=fold_address(email)).first()
    if member is None:
        raise NotFound(f"Nobody has joined with {email}.")
    return member


def _group(role: str) -> Group:
    if role not in roles.ALL:
        raise NotValid(f"There is no role {role}. The roles are {', '.join(roles.ALL)}.")
    return Group.objects.get(name=role)
