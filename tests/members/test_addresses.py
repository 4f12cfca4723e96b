"""Whose limit it is: the address our own proxies vouch for, and nobody else's word."""

import pytest
from django.test import RequestFactory, override_settings

from members.addresses import address_of


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:5678", "192.0.2.7"),
        ("[2001:db8:1:2:3::4]:80", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_one_household_is_one_address(remote: str, counted: str) -> None:
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=remote)) == counted


@pytest.mark.parametrize(
    ("proxies", "counted"), [(0, "192.0.2.1"), (1, "192.0.2.9"), (2, "192.0.2.8"), (4, "192.0.2.1")]
)
def test_what_a_caller_claims_counts_only_behind_our_proxies(proxies: int, counted: str) -> None:
    claimed = {"x-forwarded-for": "192.0.2.66, 192.0.2.8, 192.0.2.9"}
    with override_settings(TRUSTED_PROXIES=proxies):
        request = RequestFactory().get("/", headers=claimed, REMOTE_ADDR="192.0.2.1")
        assert address_of(request) == counted
