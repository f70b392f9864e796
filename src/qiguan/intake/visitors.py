"""Who comes, as far as a limit must know: the network address, never kept in the clear."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest


def visitor_of(request: HttpRequest) -> str:
    """Return the visitor's address: of IPv6 the /64, which is one household. Behind a proxy on this machine, the one it names.

    Only the last address of X-Forwarded-For was written by that proxy; the rest is the visitor's own word.
    """
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    if peer is None or peer.is_loopback:  # None: a socket of this machine
        peer = _address(request.headers.get("X-Forwarded-For", "").rpartition(",")[2]) or peer
    if isinstance(peer, ipaddress.IPv6Address):
        return str(peer.ipv4_mapped or ipaddress.ip_network((int(peer) >> 64 << 64, 64)))
    return str(peer)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
