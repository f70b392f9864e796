"""What a connector is: it asks for bytes and answers with posts; it never opens a connection itself.

A connector is a generator: it yields a `Request`, is sent the `Response`, and returns a `Reading`
(token → pages → article is a conversation). `collection` carries it over `net`, tests over dictionaries.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from qiguan.core.written_dates import PostedAt


class Outcome(StrEnum):
    """How a poll ended: a closed set; each has a remedy and a person in `core/remedies.py`."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    EMPTY = "empty"  # a well-formed answer that lists nothing
    LOGIN_PAGE = "login_page"  # a page that asks to log in or verify, in place of the list
    NOT_A_FEED = "not_a_feed"  # some other page or file
    TRUNCATED = "truncated"  # broken off half-way
    MALFORMED = "malformed"  # of the right kind, unreadable
    RENAMED = "renamed"  # read well, but under another name than the register's
    MOVED = "moved"  # permanently redirected; read well at the new address
    GONE = "gone"  # 404 or 410
    FORBIDDEN = "forbidden"  # 401 or 403
    RATE_LIMITED = "rate_limited"  # 429, or a platform's quota is used up
    SERVER_ERROR = "server_error"  # 5xx
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"  # no name, no route, refused, broken TLS
    TOO_LARGE = "too_large"
    PRIVATE_ADDRESS = "private_address"  # the guard refused the connected address
    REDIRECT_LOOP = "redirect_loop"
    TOKEN_INVALID = "token_invalid"  # the platform refused the token, and the fresh one too
    UNAUTHORISED = "unauthorised"  # the account did not grant this permission
    INTERNAL = "internal"  # our own fault

    @property
    def is_read(self) -> bool:
        """Say whether the source's word was really heard (its coverage then advances)."""
        return self in {Outcome.OK, Outcome.NOT_MODIFIED, Outcome.EMPTY, Outcome.RENAMED, Outcome.MOVED}


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to fetch. `json` is sent as a JSON body; `conditional` lets the carrier add ETag headers."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. `headers` has lower-case names; `url` is the final address; `moved_to` is set when every redirect was permanent."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One post as a source shows it.

    `key` is the post's identity within the account: canonical link without tracking parameters, else the
    official id, else a hash of normalised title and published minute (`core/post_key.py`).
    `pushed`: True for 群发, False for 发布 without push, None where the source cannot tell.
    """

    key: str
    title: str
    url: str = ""
    posted: PostedAt | None = None
    source_id: str = ""
    pushed: bool | None = None
    original: bool | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The end of a conversation: an outcome and what was seen.

    `covers_from`/`covers_until` say what the source vouches for if it is complete: a feed of the latest n
    covers from its oldest item on; statistics that end yesterday cover to the end of yesterday. None for
    `covers_until` means "to the moment of reading"; None for `covers_from` means "only from the oldest item".
    `whole` is True when the source itself says that nothing lies before its oldest item.
    """

    outcome: Outcome
    items: tuple[Item, ...] = ()
    name: str = ""
    account_id: str = ""
    covers_from: datetime | None = None
    covers_until: datetime | None = None
    whole: bool = False
    moved_to: str = ""
    retry_after: float | None = None
    detail: str = ""  # for the log and the evidence page: no secrets, no contacts
    dropped: int = 0  # entries that could not be read at all


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """What a connector is told about one source: its address, settings and, for official interfaces, a token."""

    url: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    token: str = ""
    since: datetime | None = None  # newest moment already covered


Conversation = Generator[Request, Response, Reading]


class Connector(Protocol):
    """One way to read posts. `official` interfaces declare their own completeness; others never do."""

    code: str
    title: str
    official: bool

    def read(self, spec: SourceSpec, *, at: datetime) -> Conversation:
        """Hold the conversation; `at` is the moment of asking."""
        ...
