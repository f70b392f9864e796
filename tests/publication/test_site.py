"""The static site: every public page once, no link that leads nowhere, nothing a static page cannot do."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from tests.publication.test_bulletins import settled  # noqa: F401
from tests.publication.test_public import published  # noqa: F401

from qiguan.publication.site import file_of, write_site

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize("base", ["/", "qiguan/gov"])
def test_every_link_of_the_site_leads_to_a_file_of_it(published, tmp_path, base):  # noqa: F811
    written = write_site(tmp_path, base=base)
    assert written.missing == []
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) == written.pages > 8
    root = "/" if base == "/" else f"/{base}/"
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<form" not in text
        assert "/login/" not in text
        for link in re.findall(r'(?:href|src)="(/[^"]*)"', text):
            assert link.startswith(root), (page, link)
            target = tmp_path / unquote(link.removeprefix(root).partition("#")[0])
            assert target.is_file() or (target.is_dir() and (target / "index.html").is_file()), (page, link)
    assert (tmp_path / "static" / "ui" / "qiguan.css").is_file()
    assert list(tmp_path.rglob("badge.svg"))


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("/bulletins/", "bulletins/index.html"),
        ("/bulletins/x/?verdict=合格&page=2&evil=../..", "bulletins/x/page-2-verdict-合格.html"),
        ("/bulletins/x/?page=1", "bulletins/x/index.html"),
        ("/bulletins/../../etc/?page=../../x", "bulletins///etc/page-.._.._x.html"),
    ],
)
def test_a_file_never_leaves_the_folder(url, file, tmp_path):
    assert file_of(url, "text/html") == file
    assert (tmp_path / file_of(url, "text/html")).resolve().is_relative_to(tmp_path)
