"""The gallery in a real browser: accessible in light, dark and large print, nothing wider than the screen."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from qiguan.ui import gallery

axe = pytest.importorskip("axe_playwright_python.sync_playwright")
CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    gallery.main(folder)
    return folder


@pytest.fixture
def browser(chromium: Any) -> Any:
    return chromium


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("look", ["light", "dark", "large"])
def test_the_gallery_is_accessible_and_fits(browser: Any, pages: Path, look: str, width: int):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((pages / f"{look}.html").as_uri())
    result = axe.Axe().run(page)
    assert len(result.response["passes"]) > 20
    assert [(v["id"], v["nodes"][0]["html"]) for v in result.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.close()


def test_the_check_can_fail(browser: Any, pages: Path):
    page = browser.new_page()
    page.goto((pages / "light.html").as_uri())
    page.evaluate("document.querySelector('h1').innerHTML = '<img src=x><a href=#></a>'")
    assert {"image-alt", "link-name"} <= {v["id"] for v in axe.Axe().run(page).response["violations"]}
    page.close()


def test_a_menu_closes_on_escape_and_a_form_is_sent_once(browser: Any, pages: Path):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((pages / "light.html").as_uri())
    page.click("details.pop summary")
    assert page.evaluate("document.querySelector('details.pop').open")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('details.pop').open")
    page.evaluate(
        """() => { const f = document.querySelector('form.look'); window.sent = 0;
        window.addEventListener('submit', e => { if (!e.defaultPrevented) window.sent++; e.preventDefault(); });
        f.requestSubmit(); f.requestSubmit(); }"""
    )
    assert page.evaluate("window.sent") == 1
    page.close()
