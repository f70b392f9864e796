"""What WeChat pushes to a third-party platform: encrypted XML, opened only when signature, time and addressee are right.

The query carries timestamp, nonce and msg_signature = SHA1 of the sorted (token, timestamp, nonce, Encrypt); the body is
<xml><AppId/><Encrypt/></xml>. Encrypt = Base64(AES-256-CBC(16 random bytes, 4 bytes of length, XML, AppID)), the key is
Base64(EncodingAESKey + "="), the IV its first 16 bytes, padding PKCS#7 to 32. Source: the platform's 消息加解密 pages (read 2026-11).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, ParseError

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

code = ""  # no source of posts

LARGEST = 64 * 1024  # bytes of one push
WINDOW = timedelta(minutes=10)  # a push signed longer ago, or further ahead, is refused
_BLOCK = 32


class PushRefused(Exception):
    """A push that is not the platform's, or not now. `reason` is one word, for the log; the caller is told none of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PushKeys:
    """What a third-party platform opens pushes with. `aes_keys`: the present EncodingAESKey, then the one before it."""

    appid: str
    token: str = field(repr=False)
    aes_keys: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """One opened push. `signature` is unique to it: kept for a while, it shows a repeated one."""

    kind: str  # InfoType: component_verify_ticket, authorized, updateauthorized, unauthorized, or another
    created_at: datetime
    signature: str
    authorizer_appid: str = ""
    ticket: str = field(default="", repr=False)
    auth_code: str = field(default="", repr=False)
    pre_auth_code: str = field(default="", repr=False)


def open_push(*, body: bytes, query: Mapping[str, str], keys: PushKeys, at: datetime) -> Notice:
    """Return what was pushed; raises PushRefused for anything else.

    1. Nothing is decrypted before the signature fits: padding tells a stranger nothing. 2. The signed time lies within the
    window. 3. The AppID inside is ours.
    """
    if len(body) > LARGEST:
        raise PushRefused("size")
    encrypted = _text(_parsed(body), "Encrypt")
    timestamp, nonce, signature = (query.get(name, "") for name in ("timestamp", "nonce", "msg_signature"))
    expected = signature_of(keys.token, timestamp, nonce, encrypted)
    if not encrypted or not keys.token or not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise PushRefused("signature")
    signed_at = _moment(timestamp)
    if signed_at is None or abs(at - signed_at) > WINDOW:
        raise PushRefused("window")
    inner = _parsed(_decrypted(encrypted, keys))
    created_at = _moment(_text(inner, "CreateTime"))
    if _text(inner, "AppId") != keys.appid or created_at is None:
        raise PushRefused("content")
    return Notice(
        _text(inner, "InfoType"), created_at, signature,
        authorizer_appid=_text(inner, "AuthorizerAppid"),
        ticket=_text(inner, "ComponentVerifyTicket"),
        auth_code=_text(inner, "AuthorizationCode"),
        pre_auth_code=_text(inner, "PreAuthCode"),
    )  # fmt: skip


def signature_of(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """Return the msg_signature: SHA1, in lower-case hex, of the four strings sorted and joined."""
    joined = "".join(sorted((token, timestamp, nonce, encrypted)))
    return hashlib.sha1(joined.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()  # the platform's choice of hash


def usable_aes_key(text: str) -> bool:
    """Say whether a text is an EncodingAESKey: 43 characters that are 32 bytes in Base64."""
    return len(text) == 43 and text.isascii() and text.isalnum() and len(_aes_key(text)) == 32


def _aes_key(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=")
    except (ValueError, binascii.Error):
        return b""


def _decrypted(encrypted: str, keys: PushKeys) -> bytes:
    """Open it with the present key, else with the one before: after a change the platform goes on with the old one for a while."""
    try:
        data = base64.b64decode(encrypted, validate=True)
    except (ValueError, binascii.Error) as error:
        raise PushRefused("cipher") from error
    for aes_key in keys.aes_keys:
        message = _opened(data, _aes_key(aes_key), keys.appid.encode())
        if message:
            return message
    raise PushRefused("cipher")


def _opened(data: bytes, key: bytes, appid: bytes) -> bytes:
    if len(key) != 32 or not data or len(data) % 16:
        return b""
    opener = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).decryptor()
    plain = opener.update(data) + opener.finalize()
    padding = plain[-1]
    if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes([padding]) * padding:
        return b""
    plain = plain[:-padding]
    length = int.from_bytes(plain[16:20], "big")
    message, addressee = plain[20 : 20 + length], plain[20 + length :]
    return message if len(message) == length and addressee == appid else b""


def _parsed(xml: bytes) -> Element:
    try:
        found: Element = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise PushRefused("xml") from error
    return found


def _text(xml: Element, name: str) -> str:
    return (xml.findtext(name) or "").strip()


def _moment(seconds: str) -> datetime | None:
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 11):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
