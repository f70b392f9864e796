"""Values that apps give for navigation: config gathers them and puts them into every page's context.

The templates read the variables `shell`, `nav`, `public_nav`, `places`, `place`, `role_words`; none of them is
required. This package reverses no address of a higher app: every address here is a plain string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class NavItem:
    """One word of the row on top. `count` is what waits there for this person (None or 0: nothing is shown)."""

    label: str
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """One word of a row inside a page, such as 证据 · 文章 104. `note` stands quietly beside the label."""

    label: str
    url: str
    note: str | int = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the place switcher: an organ or area, and how many accounts it has."""

    label: str
    url: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A plain link of the footer, the user's menu or the path above a title."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Addresses and words of the frame round every page of officials (`base.html`) and citizens (`public_base.html`).

    `packs` names the rule packs in force; `as_of` says until when the data reach, in words.
    """

    home_url: str = "/office/"
    public_url: str = "/"
    search_url: str = "/office/accounts/"
    public_search_url: str = "/"
    public_account_url: str = ""  # before an account's public id; "" where nothing is published here
    login_url: str = "/login/"
    logout_url: str = "/logout/"
    look_url: str = "/look/"
    owner: str = ""
    packs: str = ""
    as_of: str = ""
    menu: Sequence[Link] = ()
    links: Sequence[Link] = ()
    public_links: Sequence[Link] = ()


# An app offers `def nav(request) -> Iterable[NavItem]`; config lists the offers in the order of the row.
Offer = Callable[[HttpRequest], Iterable[NavItem]]


def gather(request: HttpRequest, offers: Sequence[Offer]) -> list[NavItem]:
    """Ask each offer in turn and return one row."""
    return [item for offer in offers for item in offer(request)]


def frame(
    *, nav: Sequence[NavItem] = (), public_nav: Sequence[NavItem] = (), places: Sequence[Place] = (), shell: Shell | None = None
) -> dict[str, Any]:
    """Return the context that the base templates read."""
    return {"nav": list(nav), "public_nav": list(public_nav), "places": list(places), "shell": shell or Shell()}
