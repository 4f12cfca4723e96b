"""Where a request comes from: the address our own proxies vouch for, the time zone its browser tells."""

import re
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest

# Some proxies write 192.0.2.1:5678 or [2001:db8::1]:5678.
PORT = re.compile(r"^\[(.+)\](?::\d+)?$|^(\d+\.\d+\.\d+\.\d+):\d+$")


def address_of(request: HttpRequest) -> str:
    """The caller's address; of IPv6 the network, because one household holds a whole one."""
    try:
        address = ip_address(PORT.sub(r"\1\2", _claimed(request)))
    except ValueError:
        return "unknown"
    address = getattr(address, "ipv4_mapped", None) or address
    if isinstance(address, IPv6Address):
        return str(ip_network(f"{address}/64", strict=False))
    return str(address)


def browser_zone(request: HttpRequest) -> str:
    """As a line of our script wrote it into a cookie; anything may stand there."""
    return unquote(request.COOKIES.get("tz", ""))[:64]


def _claimed(request: HttpRequest) -> str:
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if settings.TRUSTED_PROXIES and len(forwarded) >= settings.TRUSTED_PROXIES:
        # Each proxy of ours adds one entry at the end; what stands before them, anybody can invent.
        return forwarded[-settings.TRUSTED_PROXIES].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
