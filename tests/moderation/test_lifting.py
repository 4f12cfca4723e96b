"""Ending a restriction before its time: only what is certain is lifted, what is not is undone."""

import pytest

from carecollective.errors import NotPermitted
from carecollective.ports import personal_data
from members.models import Member, Restriction
from members.services import restrictions
from moderation.models import Action
from moderation.services import cases, deciding, lifting, undoing
from notifications.models import Notice
from tests.factories.moderation import another_moderator, decide, reported_message, ten_minutes_pass

pytestmark = pytest.mark.django_db


def ends_told_to(member: Member) -> int:
    return Notice.objects.filter(member=member, event__kind="restriction_ended").count()


@pytest.mark.parametrize("action", [Action.SUSPEND, Action.BAN, Action.REJECT])
def test_what_can_be_undone_is_undone_and_not_lifted(
    asker: Member, helper: Member, moderator: Member, action: Action
) -> None:
    """Lifted, the rest of it would come all the same: requests ended, a membership taken, mails about both."""
    alone = {"alone_because": "Nobody else is here."} if action == Action.BAN else {}
    made = decide(moderator, reported_message(asker, helper).case, action, **alone)
    [row] = Restriction.objects.filter(decision_id=made.pk, lifted_at=None)
    with pytest.raises(NotPermitted, match="Undo it on the page of its case"):
        lifting.lift(moderator, row.pk, "It was too much.")
    undoing.undo(moderator, made.pk)
    assert restrictions.in_force(helper).level == "none"
    assert ends_told_to(helper) == 0


def download(member: Member) -> list[tuple[str, str]]:
    rows = personal_data()["restrictions"].export(member)
    return [(row["level"], row["facts"]) for row in rows]


def test_the_download_has_what_held_and_nothing_that_is_for_our_records(
    asker: Member, helper: Member, moderator: Member
) -> None:
    case = reported_message(asker, helper).case
    undoing.undo(moderator, decide(moderator, case, Action.SUSPEND, facts="Undone.").pk)
    ban = decide(moderator, case, Action.BAN, facts="Proposed.")
    assert download(helper) == [("suspended", "Proposed.")]
    second = another_moderator()
    cases.claim(second, case.pk)
    deciding.refuse(second, ban.pk)
    assert download(helper) == []
    made = decide(second, case, Action.SUSPEND, facts="Told.")
    ten_minutes_pass(made)
    undoing.reverse(second, made.pk, "Ana reports everybody.", "We are sorry.")
    assert download(helper) == [("suspended", "Told.")]
    assert "Ana reports" not in str(personal_data()["restrictions"].export(helper))


def test_what_was_told_is_lifted_and_its_end_is_told_once(asker: Member, helper: Member, moderator: Member) -> None:
    made = decide(moderator, reported_message(asker, helper).case, Action.SUSPEND)
    ten_minutes_pass(made)
    lifting.lift(moderator, Restriction.objects.get().pk, "It was long enough.")
    assert (restrictions.in_force(helper).level, ends_told_to(helper)) == ("none", 1)
