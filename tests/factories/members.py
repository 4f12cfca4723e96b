"""People for tests."""

import factory
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils.timezone import now

from members.models import Member, VerificationStatus

PASSWORD = "a calm and long sentence"
PASSWORD_HASH = make_password(PASSWORD)


class MemberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Member
        skip_postgeneration_save = True

    name = factory.Sequence(lambda number: f"Rosa Example {number}")
    called = factory.LazyAttribute(lambda member: member.name.split()[0])
    email = factory.Sequence(lambda number: f"member{number}@example.org")
    password = PASSWORD_HASH
    town = "Springfield"
    caregiving = "I look after my father, who has trouble walking."
    reason = "I would like to meet people who know what this is like."
    verification_status = VerificationStatus.APPROVED
    email_confirmed_at = factory.LazyFunction(now)
    rules_accepted_at = factory.LazyFunction(now)

    class Params:
        waiting = factory.Trait(verification_status=VerificationStatus.PENDING)
        declined = factory.Trait(verification_status=VerificationStatus.REJECTED)
        unchecked = factory.Trait(verification_status=VerificationStatus.PENDING, email_confirmed_at=None)

    @factory.post_generation
    def role(self, create: bool, extracted: str | None, **more: object) -> None:
        if extracted:
            self.groups.add(Group.objects.get(name=extracted))
            self.is_staff = True
            self.save(update_fields=["is_staff"])
