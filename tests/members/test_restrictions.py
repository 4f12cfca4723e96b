"""Restrictions: who may make one, which one counts, what it closes, how it ends, and what can never happen to it."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from carecollective.errors import MemberRestricted, NotFound, NotPermitted, NotValid, ServiceUnavailable
from carecollective.invariants import broken
from members import limits
from members.models import ApiToken, Level, Member, MemberSession, Restriction, Standing
from members.paused import Act, Paused
from members.services import restrictions
from members.services.access import make_token
from tests.cast import browser_of
from tests.factories.restrictions import FACTS, REASON, in_days, measure, ran_out, restrict
from tests.support.raw_sql import refused

pytestmark = pytest.mark.django_db


def lift(row: Restriction, by: Member) -> Restriction:
    return restrictions.lift(by, row.pk, "They wrote to us, and we looked again.")


def test_nothing_is_in_force_for_most_people(asker):
    standing = restrictions.in_force(asker)
    assert (standing.level, standing.can_send_messages, standing.can_start_conversations) == ("none", True, True)
    assert (standing.message_limit_per_day, standing.until, standing.decision_id) == (None, None, None)
    for act in Act:
        restrictions.must_be_allowed_to(asker, act)


def test_what_is_in_force_is_told_in_full(asker, moderator):
    ends = in_days(7)
    row = restrict(asker, "suspended", decided_by=moderator, ends_at=ends)
    standing = restrictions.in_force(asker)
    assert (standing.level, standing.can_send_messages, standing.can_start_conversations) == ("suspended", False, False)
    assert (standing.reason, standing.rule, standing.until) == (REASON, 2, ends)
    assert (standing.decision_id, standing.restriction_id) == (row.decision_id, row.pk)
    assert (row.decided_by, row.clear_facts) == (moderator, FACTS)
    assert FACTS not in Restriction.objects.values_list("facts", flat=True)
    assert broken() == {}


def test_a_limit_is_ten_a_day_unless_it_says_otherwise(asker, helper):
    restrict(asker, "limited")
    restrict(helper, "limited", per_day=3)
    assert restrictions.in_force(asker).message_limit_per_day == 10
    standing = restrictions.in_force(helper)
    assert (standing.message_limit_per_day, standing.can_send_messages, standing.can_start_conversations) == (
        3,
        True,
        False,
    )


@pytest.mark.parametrize("order", [("banned", "suspended", "limited"), ("limited", "suspended", "banned")])
def test_the_strictest_counts_never_the_newest(asker, moderator, order):
    made = {level: restrict(asker, level, ends_at=in_days(1 if level == "limited" else 30)) for level in order}
    for level in ("banned", "suspended", "limited", "none"):
        assert restrictions.in_force(asker).level == level
        if level != "none":
            lift(made[level], moderator)


def test_of_limits_the_smallest_and_of_equal_ones_the_longest_counts(asker):
    restrict(asker, "limited", per_day=5, ends_at=in_days(30))
    restrict(asker, "limited", per_day=2, ends_at=in_days(1))
    assert restrictions.in_force(asker).message_limit_per_day == 2
    restrict(asker, "suspended", ends_at=in_days(30))
    for_good = restrict(asker, "suspended")
    restrict(asker, "suspended", ends_at=in_days(2))
    assert restrictions.in_force(asker).restriction_id == for_good.pk


def test_one_ends_by_itself(asker):
    ran_out(asker)
    assert restrictions.in_force(asker).level == "none"


@pytest.mark.parametrize("role", ["triage", "verifier", "auditor", None])
def test_only_moderators_and_operators_restrict_and_lift(asker, moderator, request, role):
    from tests.factories.members import MemberFactory

    somebody = MemberFactory(role=role)
    with pytest.raises(NotPermitted):
        restrictions.restrict(somebody, asker.pk, measure())
    row = restrict(asker, decided_by=moderator)
    with pytest.raises(NotPermitted):
        lift(row, somebody)
    assert Restriction.objects.get().lifted_at is None


def test_nobody_restricts_or_frees_themselves(moderator, operator):
    with pytest.raises(NotPermitted):
        restrictions.restrict(moderator, moderator.pk, measure())
    row = restrict(moderator, decided_by=operator)
    with pytest.raises(NotPermitted):
        lift(row, moderator)


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": "none"},
        {"level": "Suspended"},
        {"rule": 0},
        {"rule": 7},
        {"reason": " \u200b\n"},
        {"reason": "x" * 301},
        {"facts": "\u00a0"},
        {"ends_at": in_days(-0.001)},
        {"per_day": 5},
        {"level": "limited", "per_day": 0},
    ],
)
def test_a_measure_that_makes_no_sense_is_refused(asker, moderator, wrong):
    with pytest.raises(NotValid):
        restrictions.restrict(moderator, asker.pk, measure(**{"level": "suspended"} | wrong))
    assert not Restriction.objects.exists()


def test_somebody_who_is_not_there_is_not_found(asker, moderator):
    decision = measure().decision_id
    with pytest.raises(NotFound):
        restrictions.restrict(moderator, decision, measure())
    with pytest.raises(NotFound):
        restrictions.lift(moderator, decision, "Why not.")


def test_what_is_lifted_or_over_is_not_lifted_again(asker, moderator):
    row = restrict(asker)
    lifted = lift(row, moderator)
    assert (lifted.lifted_by, lifted.lift_reason) == (moderator, "They wrote to us, and we looked again.")
    with pytest.raises(NotValid):
        lift(row, moderator)
    late = ran_out(asker)
    with pytest.raises(NotValid):
        lift(late, moderator)
    with pytest.raises(NotValid):
        restrictions.lift(moderator, restrict(asker).pk, " ")


def test_a_ban_ends_every_way_in_and_a_pause_ends_none(asker, helper):
    for member, level in ((asker, "suspended"), (helper, "banned")):
        browser_of(member)
        make_token(member, "test")
        restrict(member, level)
    assert set(MemberSession.objects.values_list("member_id", flat=True)) == {asker.pk}
    assert set(ApiToken.objects.values_list("member_id", flat=True)) == {asker.pk}


OPEN_AT = {
    Level.LIMITED: set(Act) - {Act.OFFER_HELP, Act.START_CONVERSATION},
    Level.SUSPENDED: set(),
    Level.BANNED: set(),
}


@pytest.mark.parametrize("level", Level)
def test_what_each_level_closes(asker, level):
    restrict(asker, level)
    for act in Act:
        if act in OPEN_AT[level]:
            restrictions.must_be_allowed_to(asker, act)
        else:
            with pytest.raises(MemberRestricted):
                restrictions.must_be_allowed_to(asker, act)


def test_a_refusal_says_what_until_when_and_why(asker):
    asker.time_zone = "America/New_York"
    # 2:30 in the morning in London is the evening before in New York.
    row = restrict(asker, ends_at=datetime(timezone.now().year + 1, 12, 4, 2, 30, tzinfo=UTC))
    with pytest.raises(MemberRestricted) as refusal:
        restrictions.must_be_allowed_to(asker, Act.SEND_MESSAGE)
    year = timezone.now().year + 1
    assert refusal.value.words == (
        f"You cannot send messages until Dec 3, {year}. A moderator paused this because of rule 2."
    )
    assert refusal.value.extras == {
        "restriction_level": "suspended",
        "until": f"{year}-12-04T02:30:00+00:00",
        "appeal_url": f"/decisions/{row.decision_id}/",
        "reason": REASON,
        "rule": 2,
    }


def test_without_an_end_it_says_now(asker):
    restrict(asker, "limited")
    with pytest.raises(MemberRestricted) as refusal:
        restrictions.must_be_allowed_to(asker, Act.OFFER_HELP)
    assert refusal.value.words == "You cannot offer help now. A moderator paused this because of rule 2."
    assert refusal.value.extras["until"] is None


def test_an_end_within_the_year_and_today_are_short(asker):
    asker.time_zone = "UTC"
    noon = timezone.now().replace(hour=23, minute=59)
    words = Paused(Standing("suspended", rule=3, until=noon), asker).sentence()
    assert words.startswith("You cannot send messages until 11:59 PM.")


def test_a_day_counts_what_was_said_before_the_limit_too(asker):
    for _ in range(2):
        limits.take(limits.MESSAGES, asker.pk)
    limits.take(limits.CONVERSATIONS, asker.pk)
    limits.take(limits.REPORTS, asker.pk)
    assert restrictions.daily_message_count(asker) == 3
    restrict(asker, "limited", per_day=4)
    standing = restrictions.in_force(asker)
    restrictions.take_one_message(asker, standing)
    with pytest.raises(MemberRestricted) as refusal:
        restrictions.take_one_message(asker, standing)
    assert (refusal.value.extras["daily_count"], refusal.value.extras["daily_limit"]) == (4, 4)
    assert refusal.value.words.startswith("You can send 4 messages a day now, and today’s are used up.")


def test_a_new_day_begins_at_midnight_of_the_world(asker):
    limits.take(limits.MESSAGES, asker.pk)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE limit_hits SET day = day - 1")
    assert restrictions.daily_message_count(asker) == 0
    limits.take(limits.MESSAGES, asker.pk)
    assert restrictions.daily_message_count(asker) == 1
    limits.give_back(limits.MESSAGES, asker.pk)
    assert restrictions.daily_message_count(asker) == 0


def test_a_look_up_that_fails_is_an_answer_of_its_own(asker, monkeypatch):
    monkeypatch.setattr(
        "members.models.standing.STRICTEST", "SELECT level FROM no_table_of_ours WHERE id = %(restricted)s"
    )
    with pytest.raises(ServiceUnavailable), transaction.atomic():
        restrictions.must_be_allowed_to(asker, Act.SEND_MESSAGE)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("level = 'limited', message_limit_per_day = 10", "user_restrictions_stay_what_they_are"),
        ("reason = 'Another one.'", "user_restrictions_stay_what_they_are"),
        ("ends_at = now() + interval '1 day'", "user_restrictions_stay_what_they_are"),
        ("facts = 'x'", "user_restrictions_stay_sealed"),
        ("lifted_at = now()", "user_restrictions_lifting_is_whole"),
        ("ended_told_at = now()", "user_restrictions_only_their_own_end_is_told"),
    ],
)
def test_the_database_keeps_a_restriction_what_it_is(asker, change, rule):
    row = restrict(asker)
    assert refused(f"UPDATE user_restrictions SET {change} WHERE id = %s", [row.pk]) == rule


def test_the_database_lifts_once_and_removes_nothing(asker, moderator):
    row = lift(restrict(asker), moderator)
    back = "UPDATE user_restrictions SET lifted_at = NULL, lifted_by_id = NULL, lift_reason = '' WHERE id = %s"
    assert refused(back, [row.pk]) == "user_restrictions_end_once"
    assert refused("DELETE FROM user_restrictions") == "no right"


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"level": "none"}, "user_restrictions_level_known"),
        ({"rule": 7}, "user_restrictions_rule_known"),
        ({"message_limit_per_day": 3}, "user_restrictions_only_limited_has_a_limit"),
        ({"level": "limited"}, "user_restrictions_only_limited_has_a_limit"),
        ({"reason": ""}, "user_restrictions_have_a_reason"),
        ({"facts": "clear", "facts_key_id": ""}, "user_restrictions_facts_are_sealed"),
        ({"ends_at": in_days(-1)}, "user_restrictions_end_after_their_start"),
        ({"decision_id": None}, "not null decision_id"),
        ({"decided_by": None}, "not null decided_by_id"),
    ],
)
def test_the_database_takes_only_whole_restrictions(asker, moderator, columns, rule):
    whole = {"member": asker, "decided_by": moderator, "level": "suspended", "rule": 2, "reason": REASON}
    row = Restriction(**whole | {"decision_id": measure().decision_id})
    row.clear_facts = FACTS
    for name, value in columns.items():
        setattr(row, name, value)
    with pytest.raises(DatabaseError) as problem, transaction.atomic():
        row.save(force_insert=True)
    assert isinstance(problem.value.__cause__, psycopg.Error)
    diag = problem.value.__cause__.diag
    assert (diag.constraint_name or f"not null {diag.column_name}") == rule


def test_a_day_is_over_at_some_time_today_or_tomorrow(asker):
    asker.time_zone = "America/Chicago"
    standing = Standing("limited", message_limit_per_day=1, rule=4)
    words = Paused(standing, asker).day_is_used_up(1).words
    assert words.startswith("You can send 1 message a day now, and today’s are used up. You can send again to")
