"""Which addresses may be reached, judged on the address really connected to: names, redirects and odd spellings cannot get round it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import quote_from_bytes, urlsplit

from qiguan.core.errors import UnusableInput

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_SECRET = re.compile(
    r"((?:token|secret|key|appid|sign|signature|ticket|session|password|pwd)(?:=|%3D|\"\s*:\s*\"))[^&\s\"#]+", re.IGNORECASE
)
_USERINFO = re.compile(r"(?<=://)[^/\s?#@]*:[^/\s?#@]*@")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST6 = ipaddress.ip_network("2000::/3")  # all that is handed out; ::a.b.c.d, fec0::/10 and 64:ff9b:1::/48 lie outside
_SPECIAL4 = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("192.88.99.0/24"))  # protocol assignments, 6to4 relays
_DOCUMENTED6 = ipaddress.ip_network("3fff::/20")  # for examples in documents (RFC 9637): no host of anybody
# What no office can name as its own: this machine, its link, and what is no host at all.
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/127", "::ffff:0:0/96", "fe80::/10", "ff00::/8")
)
# Where clouds answer their own machines with keys; 169.254.169.254 lies on the link.
_METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")
)
_ORDINARY = re.compile(
    r"https?://[a-z0-9.-]+(?::(?:[1-9]\d{0,3}|[1-5]\d{4}))?(?:[/?][\w/.~%!$&'()*+,;=:@?-]*)?", re.ASCII
)  # most: judged at a glance
_PRINTABLE = frozenset(range(0x21, 0x7F)) - set(b'"<>\\^`{|}')
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]|[\"<>\\^`{|}]")


class PrivateAddress(OSError):
    """The connected address is not a public one. All read alike, so that several refused addresses of one name stay a refusal."""

    def __init__(self) -> None:
        super().__init__("the address is not a public one")


def read_networks(text: str, *, place: str) -> tuple[Network, ...]:
    """Read the networks that an office calls its own: CIDRs with commas between. Raises UnusableInput, which names the wrong one."""
    networks: list[Network] = []
    for part in re.split(r"[,，;；\s]+", text.strip()) if text.strip() else []:
        try:
            network = ipaddress.ip_network(part)
        except ValueError as error:
            raise UnusableInput(
                f"“{part[:50]}”不是网段", place=place, remedy="请写成10.0.0.0/8这样的网段，几个之间用逗号隔开"
            ) from error
        never = any(network.version == n.version and network.overlaps(n) for n in _NEVER)
        if never or (network.num_addresses == 1 and network[0] in _METADATA):
            raise UnusableInput(
                f"“{part[:50]}”不能放行：里面有本机、本地链路或云主机元数据的地址",
                place=place,
                remedy="请只写本单位内网的网段，例如10.0.0.0/8",
            )
        networks.append(network)
    return tuple(networks)


def demand_public(host: str, *, allow_loopback: bool, allow: Collection[Network] = ()) -> None:
    """Raise PrivateAddress unless the address is global, lies in one of `allow`, or is loopback where that is allowed.

    Loopback, the link and the clouds' metadata services are refused whatever `allow` says.

    An IPv6 address that carries an IPv4 one (mapped, 6to4, NAT64) is judged by it. 100.64.0.0/10, where some clouds keep
    their metadata service, is not global.
    """
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            mapped = address.ipv4_mapped is not None  # only these really go to the IPv4 address, where an exception may hold
            demand_public(str(inner), allow_loopback=allow_loopback and mapped, allow=allow if mapped else ())
            return
    if allow_loopback and address.is_loopback:
        return
    if address in _METADATA or any(address in network for network in _NEVER):
        raise PrivateAddress
    if any(address in network for network in allow):
        return
    if address.version == 6:
        outside = address not in _UNICAST6 or address in _DOCUMENTED6
    else:
        outside = any(address in network for network in _SPECIAL4)
    if outside or not address.is_global or address.is_multicast:
        raise PrivateAddress


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


def sendable(url: str) -> str:
    """Return the URL as it may stand in a request: ASCII, without fragment; "" where it is not usable.

    Percent signs are left as they are (a signature may depend on them). Characters that have no place in a request line are
    escaped: bytes that were no UTF-8 (a GBK Location) as those bytes. Host names in other scripts become IDNA.
    """
    url = url.partition("#")[0].strip()
    if _ORDINARY.fullmatch(url):
        return url
    if not usable_url(url):
        return ""
    if not _UNPRINTABLE.search(url):
        return url
    parts = urlsplit(url)  # drops tab, CR and LF
    try:
        host = (
            parts.netloc
            if parts.netloc.isascii()
            else (parts.hostname or "").encode("idna").decode("ascii") + (f":{parts.port}" if parts.port else "")
        )
    except UnicodeError:
        return ""
    if _UNPRINTABLE.search(host):
        return ""
    tail = parts.path + (f"?{parts.query}" if parts.query else "")
    return f"{parts.scheme}://{host}{_escaped(tail)}"


def _escaped(text: str) -> str:
    return "".join(
        chr(byte) if byte in _PRINTABLE else quote_from_bytes(bytes([byte]), safe="")
        for byte in text.encode("utf-8", "surrogateescape")
    )


def without_secrets(text: str) -> str:
    """Return text for a log or a page: values of token-like parameters and credentials in addresses are hidden."""
    return _USERINFO.sub("…@", _SECRET.sub(r"\1…", text))
