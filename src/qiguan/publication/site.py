"""The public half as static pages, for a portal that already exists: every public address once, its links among themselves.

Forms and the log-in are left out: a static page can take nothing. What is written comes from the same views, so that no page of
the site says what the live page would not.
"""

from __future__ import annotations

import re
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, QueryDict
from django.urls import Resolver404, resolve, reverse

from qiguan.publication.queries.public import places_with_a_page, visible_snapshots

_LINK = re.compile(r'(?P<attr>\s(?:href|src)=")(?P<url>/[^"]*|\?[^"]*)(?P<end>")')
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_LOGIN = re.compile(r'<a href="/(?:login|office|seen)/[^"]*"[^>]*>[^<]*</a>')
_SAFE = re.compile(r"[^\w.\-]+")
PREFIXES = ("/bulletins/", "/accounts/", "/units/", "/places/", "/offices/")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: pages and other files, and what could not be."""

    pages: int
    files: int
    missing: list[str]


def write_site(out: Path, *, base: str = "/", host: str = "localhost", moved: Callable[[int], None] | None = None) -> Written:
    """Write every public page below `out`, links under `base` (such as /qiguan/). Existing files of ours are replaced, others stay.

    1. Begin at the list of bulletins. 2. Follow each link to a public address, its query included. 3. Write each as a file whose
    name says its query; images, feeds and downloads as they are. Returns how many were written.
    """
    base = "/" + base.strip("/") + "/" if base.strip("/") else "/"
    todo = deque([reverse("public_bulletins"), reverse("public_feed")])
    for snapshot in visible_snapshots():
        todo.append(reverse("public_card", args=[snapshot.organ.public_id]))
        todo.append(reverse("public_place", args=[snapshot.organ.public_id]))
        todo += [
            reverse("public_account", args=[ref]) for ref in snapshot.accounts.values_list("public_id", flat=True).order_by("pk")
        ]
    todo += [reverse("public_place", args=[ref]) for ref in places_with_a_page()]
    todo = deque(dict.fromkeys(todo))  # several bulletins of one office name the same pages
    seen, pages, files, missing = set(todo), 0, 0, []
    styles: set[str] = set()
    while todo:
        url = todo.popleft()
        answer = _ask(url, host)
        if answer is None:
            missing.append(url)
            continue
        kind, body = answer
        target = out / file_of(url, kind)
        target.parent.mkdir(parents=True, exist_ok=True)
        if kind.startswith("text/html"):
            text, found, used = _linked(body.decode(), url, base)
            target.write_text(text, encoding="utf-8")
            pages += 1
            styles |= used
            for link in found:
                if link not in seen:
                    seen.add(link)
                    todo.append(link)
        else:
            target.write_bytes(body)
            files += 1
        if moved:
            moved(pages + files)
    files += _copy_styles(out, styles)
    index = out / "index.html"
    index.write_text(
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={base}bulletins/"><title>齐管</title>',
        encoding="utf-8",
    )
    return Written(pages + 1, files, missing)


def file_of(url: str, kind: str) -> str:
    """Return the file of an address, below the folder: /bulletins/x/?page=2 → bulletins/x/page-2.html."""
    parts = urlsplit(url)
    path = "/".join(_SAFE.sub("_", unquote(piece)).lstrip(".") for piece in parts.path.strip("/").split("/"))
    if not kind.startswith("text/html"):
        return path
    query = sorted((k, v) for k, v in parse_qsl(parts.query) if k in {"page", "verdict"})
    name = "-".join(_SAFE.sub("_", f"{k}-{v}") for k, v in query if not (k == "page" and v == "1"))
    return f"{path}/{name or 'index'}.html"


def _ask(url: str, host: str) -> tuple[str, bytes] | None:
    """Ask our own view; None where it has no answer."""
    parts = urlsplit(url)
    try:
        view, args, kwargs = resolve(unquote(parts.path))
    except Resolver404:
        return None
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", parts.path, parts.path
    request.GET = QueryDict(parts.query)
    request.META = {"SERVER_NAME": host, "SERVER_PORT": "443", "HTTP_HOST": host, "wsgi.url_scheme": "https"}
    request.user = AnonymousUser()
    try:
        answer = view(request, *args, **kwargs)
    except Http404:
        return None
    return (answer["Content-Type"], answer.content) if answer.status_code == 200 else None


def _linked(text: str, url: str, base: str) -> tuple[str, list[str], set[str]]:
    """Return the page with its links among the files, the public addresses found, and the static files used."""
    found: list[str] = []
    used: set[str] = set()
    here = urlsplit(url).path

    def change(match: re.Match[str]) -> str:
        link = unescape(match["url"])
        mark = urlsplit(link).fragment
        plain = link.partition("#")[0]
        plain = here + plain if plain.startswith("?") else plain
        if plain.startswith("/static/"):
            used.add(plain.removeprefix("/static/"))
            return f"{match['attr']}{base}{quote(plain[1:])}{match['end']}"
        if not plain.startswith(PREFIXES):
            return f"{match['attr']}{base}{match['end']}"
        found.append(plain)
        is_file = plain.rpartition("/")[2].partition("?")[0] != ""
        target = file_of(plain, "" if is_file else "text/html")
        return f"{match['attr']}{base}{quote(target)}{'#' + mark if mark else ''}{match['end']}"

    text = _LOGIN.sub("", _FORM.sub("", text))
    return _LINK.sub(change, text), found, used


def _copy_styles(out: Path, styles: set[str]) -> int:
    n = 0
    for name in sorted(styles):
        source = finders.find(name)
        if source:
            target = out / "static" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(source), target)
            n += 1
    return n
