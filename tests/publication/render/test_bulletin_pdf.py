"""The PDF: made where a Chinese font is, told in words where none is, words never read as markup."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import pytest
from tests.core.bulletins import town

from qiguan.publication.render.bulletin_docx import bulletin_docx
from qiguan.publication.render.bulletin_pdf import FACES, NoChineseFont, bulletin_pdf, chosen_faces


@pytest.fixture(scope="module")
def has_font():
    try:
        bulletin_pdf(replace(town(), rows=town().rows[:1]))
    except NoChineseFont:
        pytest.skip("no Chinese font on this machine")


def test_the_pdf_is_made_and_is_the_same_again(has_font):
    made = bulletin_pdf(town())
    assert made.startswith(b"%PDF")
    assert bulletin_pdf(town()) == made


def test_words_from_outside_are_never_read_as_markup(has_font, tmp_path):
    hostile = "#panic() $x$ `a` *b* \\ @c <d> \x00"
    made = bulletin_pdf(
        replace(town(), title=hostile, rows=[replace(town().rows[6], account=hostile, reply='#read("/etc/passwd")')])
    )
    assert made.startswith(b"%PDF")
    if shutil.which("pdftotext"):
        (tmp_path / "a.pdf").write_bytes(made)
        text = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True).stdout
        assert "#panic()" in text
        assert "#read" in text
        assert "root:" not in text


def test_without_a_chinese_font_the_pdf_says_so_and_word_is_written_all_the_same():
    with pytest.raises(NoChineseFont) as told:
        bulletin_pdf(town(), families=["DejaVu Sans", "Liberation Serif"])
    assert "没有中文字体" in str(told.value)
    assert "fonts-noto-cjk" in told.value.remedy
    assert bulletin_docx(town()).startswith(b"PK")


def test_each_face_takes_the_best_there_is():
    chosen = chosen_faces(["SimHei", "fangsong", "Noto Serif CJK SC"])
    assert chosen["fang"] == ["fangsong", "Noto Serif CJK SC"]
    assert chosen["hei"] == ["SimHei"]
    assert set(chosen) == set(FACES)
