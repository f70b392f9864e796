"""The sheet for documents that must stand alone: the same rules without cascade layers, for older browsers and printers."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LAYER = re.compile(r"@layer\s+[\w-]+\s*\{")
_ORDER = re.compile(r"@layer\s+[\w\s,-]+;")


def flattened(css: str) -> str:
    """Take the rules out of their layers, in order, and drop comments. Raises ValueError where braces do not close."""
    css = _ORDER.sub("", _COMMENT.sub("", css))
    out: list[str] = []
    while found := _LAYER.search(css):
        out.append(css[: found.start()])
        depth, end = 1, found.end()
        while depth:
            if end >= len(css):
                raise ValueError("a layer of the sheet is not closed")
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        out.append(css[found.end() : end - 1])
        css = css[end:]
    out.append(css)
    return re.sub(r"\s+", " ", "".join(out)).strip()


@cache
def document_css() -> str:
    """Return the sheet for a `<style>` of a self-contained document: no layer, no address, nothing to load."""
    text = flattened((files("qiguan.ui") / "static" / "ui" / "qiguan.css").read_text(encoding="utf-8"))
    if "</" in text or "url(" in text or "@import" in text:
        raise ValueError("the sheet must not end its style element nor load anything")
    return text
