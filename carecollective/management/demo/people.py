"""The people of the demo: members of every standing, and staff of every role."""

import secrets
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.utils.timezone import now

from members import roles
from members.models import Member, SecondFactor, VerificationChange, VerificationStatus
from members.services import second_factor

WORDS = [
    "apple",
    "basket",
    "candle",
    "garden",
    "harbor",
    "kettle",
    "lantern",
    "meadow",
    "needle",
    "orchard",
    "pepper",
    "quilt",
    "river",
    "saddle",
    "teapot",
    "umbrella",
    "violin",
    "walnut",
    "yellow",
    "zipper",
    "bakery",
    "cotton",
    "ferry",
    "ginger",
    "maple",
    "pillow",
    "ribbon",
    "silver",
]


@dataclass(frozen=True)
class Person:
    name: str
    called: str
    email: str
    town: str
    caregiving: str
    standing: str = VerificationStatus.APPROVED
    role: str = ""
    email_checked: bool = True


CAST = (
    Person(
        "Ana Torres", "Ana", "ana@example.org", "Springfield", "My husband had a stroke in March. I do everything now."
    ),
    Person("Ben Okafor", "Ben", "ben@example.org", "Springfield", "I looked after my mother for nine years."),
    Person("Carol Jensen", "Carol", "carol@example.org", "Nixa", "My sister has MS and lives with us."),
    Person(
        "Deepa Nair", "Deepa", "deepa@example.org", "Ozark", "Both my parents are over eighty and want to stay at home."
    ),
    Person("Elías Brandt", "Elías", "elias@example.org", "Republic", "My son is eleven and uses a wheelchair."),
    Person("李文", "文", "wen@example.org", "Springfield", "I care for my grandmother. She speaks only Mandarin."),
    Person(
        "Mary-Jo O’Neill", "Mary-Jo", "maryjo@example.org", "Willard", "My husband has Parkinson's. Nights are hard."
    ),
    Person("Rick Stahl", "Rick", "rick@example.org", "Springfield", "I look in on my uncle now and then."),
    Person(
        "Yusuf Demir",
        "Yusuf",
        "yusuf@example.org",
        "Nixa",
        "My father came home from the hospital last week.",
        "pending",
    ),
    Person(
        "Hana Sato", "Hana", "hana@example.org", "Ozark", "I help my neighbor, who lives alone.", "pending", "", False
    ),
    Person("Dale Moor", "Dale", "dale@example.org", "Elsewhere", "I sell insurance.", "rejected"),
    Person("Tess Ward", "Tess", "triage@example.org", "Springfield", "I was a nurse.", "approved", roles.TRIAGE),
    Person(
        "Vera Lund", "Vera", "verifier@example.org", "Springfield", "I care for my aunt.", "approved", roles.VERIFIER
    ),
    Person("Mo Haddad", "Mo", "moderator@example.org", "Nixa", "I care for my brother.", "approved", roles.MODERATOR),
    Person("Ida Blum", "Ida", "moderator2@example.org", "Ozark", "I cared for my wife.", "approved", roles.MODERATOR),
    Person(
        "Aud Berg",
        "Aud",
        "auditor@example.org",
        "Republic",
        "I keep the books of a hospice.",
        "approved",
        roles.AUDITOR,
    ),
    Person(
        "Opal Reyes",
        "Opal",
        "operator@example.org",
        "Springfield",
        "I keep this site running.",
        "approved",
        roles.OPERATOR,
    ),
)


def make(person: Person) -> tuple[str, str, str, str, str]:
    """Inserts the person; returns what is needed to sign in as them."""
    password = "-".join(secrets.choice(WORDS) for _ in range(4))
    member = Member(
        name=person.name,
        called=person.called,
        email=person.email,
        town=person.town,
        caregiving=person.caregiving,
        reason="I would like to give and get a hand, close to home.",
        verification_status=person.standing,
        email_confirmed_at=now() if person.email_checked else None,
        rules_accepted_at=now(),
    )
    member.set_password(password)
    member.save()
    _remember_decision(member)
    code = _employ(member, person.role) if person.role else ""
    return person.called, person.email, password, person.role or person.standing, code


def _remember_decision(member: Member) -> None:
    if member.is_pending:
        return
    reason = "We are here for people who care for somebody, not for selling." if member.is_rejected else ""
    VerificationChange.objects.create(
        member=member, from_status="pending", to_status=member.verification_status, reason=reason
    )


def _employ(member: Member, role: str) -> str:
    """Staff need a second step; one recovery code opens it the first time."""
    member.is_staff = True
    member.save(update_fields=["is_staff"])
    member.groups.add(Group.objects.get(name=role))
    second_factor.begin(member)
    SecondFactor.objects.filter(member=member).update(confirmed_at=now())
    return second_factor.give_recovery_codes(member, 1)[0]
