"""Which addresses may be reached, judged on the address really connected to: names, redirects and odd spellings cannot get round it."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_SECRET = re.compile(r"((?:access_token|token|secret|appsecret|key|appid|sign|password|pwd)=)[^&\s]+", re.IGNORECASE)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class PrivateAddress(OSError):
    """The connected address is not a public one."""


def demand_public(host: str, *, allow_loopback: bool) -> None:
    """Raise PrivateAddress unless the address is global (or loopback where that is allowed)."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            demand_public(str(inner), allow_loopback=allow_loopback)
            if address.ipv4_mapped is not None:
                return
    if allow_loopback and address.is_loopback:
        return
    if not address.is_global or address.is_multicast:
        raise PrivateAddress(f"refused {address}")


def usable_url(url: str) -> bool:
    """Say whether a URL is plain http(s) with a host, a sane port and no credentials."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.username is None
            and parts.password is None
            and parts.port != 0
        )
    except ValueError:
        return False


def without_secrets(text: str) -> str:
    """Return text for a log or a page: values of token-like parameters are hidden."""
    return _SECRET.sub(r"\1…", text)
