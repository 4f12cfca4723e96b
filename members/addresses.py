"""Where a request comes from, as far as our own proxies vouch for it."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The caller's address; of IPv6 the network, because one household holds a whole one."""
    try:
        address = ip_address(_claimed(request))
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(ip_network(f"{address}/64", strict=False))
    return str(address)


def _claimed(request: HttpRequest) -> str:
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if settings.TRUSTED_PROXIES and len(forwarded) >= settings.TRUSTED_PROXIES:
        # Each proxy of ours adds one entry at the end; what stands before them, anybody can invent.
        return forwarded[-settings.TRUSTED_PROXIES].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
