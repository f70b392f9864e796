"""The gallery: every component on one page, well formed, without inline script or style."""

from __future__ import annotations

from qiguan.core.facts import State
from qiguan.ui import gallery
from tests.ui.markup import Page


def test_the_gallery_shows_every_state_and_obeys_a_strict_content_policy():
    page = Page(gallery.render(theme="dark", size="large"))
    assert page.all("html", data_theme="dark", data_size="large")
    for state in State:
        assert page.all("span", class_="chip", data_s=state.value)
    assert all(a.get("src") for a in page.all("script"))
    assert page.all("style") == []
    assert not [a for _, a in page.elements if "style" in a or any(k.startswith("on") for k in a)]


def test_every_symbol_that_is_used_is_drawn_and_no_identifier_stands_twice():
    page = Page(gallery.render())
    ids = [a["id"] for _, a in page.elements if a.get("id")]
    assert len(ids) == len(set(ids))
    assert {a["href"].lstrip("#") for a in page.all("use")} <= set(ids)
    described = {i for _, a in page.elements for i in (a.get("aria-describedby") or "").split()}
    assert described
    assert described <= set(ids)


def test_every_picture_has_its_finding_in_words():
    pictures = [a for t, a in Page(gallery.render()).elements if t == "svg" and a.get("role") == "img"]
    assert len(pictures) > 10
    assert all(a.get("aria-label") for a in pictures)


def test_the_gallery_is_written_with_its_sheet(tmp_path):
    gallery.main(tmp_path)
    assert {p.name for p in tmp_path.glob("*.html")} == {"light.html", "dark.html", "large.html"}
    assert (tmp_path / "static/ui/qiguan.css").exists()
