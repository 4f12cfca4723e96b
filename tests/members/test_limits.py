"""Limits are exact, whichever process asks and however many ask at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections

from carecollective.errors import RateLimited
from members import limits
from members.limits import Limit
from members.models import LimitHits

FIVE_AN_HOUR = Limit("test", 5, timedelta(hours=1))


def let_time_pass(by: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE limit_hits SET moments = (SELECT array_agg(m - %s::interval ORDER BY m) FROM unnest(moments) m)",
            [str(by)],
        )


@pytest.mark.django_db
def test_the_sixth_in_an_hour_is_refused_with_the_time_to_wait() -> None:
    for _ in range(5):
        limits.take(FIVE_AN_HOUR, "ana")
    with pytest.raises(RateLimited) as refusal:
        limits.take(FIVE_AN_HOUR, "ana")
    assert 3590 <= refusal.value.extras["retry_after"] <= 3600


@pytest.mark.django_db
def test_one_persons_limit_is_not_anothers() -> None:
    for _ in range(5):
        limits.take(FIVE_AN_HOUR, "ana")
    limits.take(FIVE_AN_HOUR, "ben")


@pytest.mark.django_db
def test_the_window_rolls() -> None:
    for _ in range(4):
        limits.take(FIVE_AN_HOUR, "ana")
    let_time_pass(timedelta(minutes=40))
    limits.take(FIVE_AN_HOUR, "ana")
    let_time_pass(timedelta(minutes=21))
    for _ in range(4):
        limits.take(FIVE_AN_HOUR, "ana")
    with pytest.raises(RateLimited) as refusal:
        limits.take(FIVE_AN_HOUR, "ana")
    assert 38 * 60 < refusal.value.extras["retry_after"] <= 39 * 60


@pytest.mark.django_db
def test_refused_tries_do_not_make_the_wait_longer() -> None:
    for _ in range(5):
        limits.take(FIVE_AN_HOUR, "ana")
    for _ in range(20):
        with pytest.raises(RateLimited):
            limits.take(FIVE_AN_HOUR, "ana")
    assert len(LimitHits.objects.get(name="test", subject="ana").moments) == 5


@pytest.mark.django_db
def test_a_hit_given_back_does_not_count() -> None:
    for _ in range(5):
        limits.take(FIVE_AN_HOUR, "ana")
    limits.give_back(FIVE_AN_HOUR, "ana")
    limits.take(FIVE_AN_HOUR, "ana")


@pytest.mark.django_db
def test_old_rows_are_forgotten() -> None:
    limits.take(FIVE_AN_HOUR, "ana")
    assert limits.forget_old() == 0
    let_time_pass(timedelta(days=2))
    assert limits.forget_old() == 1


@pytest.mark.committed
def test_forty_at_once_get_exactly_five() -> None:
    def try_once(_: int) -> bool:
        try:
            limits.take(FIVE_AN_HOUR, "ana")
            return True
        except RateLimited:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_once, range(40))) == 5


def test_every_limit_stands_in_the_one_table() -> None:
    assert {(limit.name, limit.most, limit.window) for limit in limits.ALL} >= {
        ("conversations", 10, limits.HOUR),
        ("messages", 50, timedelta(minutes=1)),
        ("reports", 5, limits.HOUR),
        ("help_requests", 10, limits.DAY),
        ("blocks", 30, limits.HOUR),
        ("exports", 2, limits.DAY),
        ("tokens", 10, limits.DAY),
        ("sign_in_account", 10, limits.QUARTER),
        ("sign_in_address", 50, limits.QUARTER),
        ("sign_up", 5, limits.HOUR),
    }
    assert len({limit.name for limit in limits.ALL}) == len(limits.ALL)
