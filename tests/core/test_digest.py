"""The quarter's answer fits on the loudspeaker, in whole sentences."""

from __future__ import annotations

from qiguan.core.digest import Digest, Said, broadcast

DONE = Said("公交五路改到哪里了。", 12, done="9月3日发了改线图")
NOT = Said("每天播菜价", 3, why_not="没有每天采价的来源，改为每周")
WAITING = Said("讲讲医保报销")


def test_matters_are_done_not_done_or_waiting():
    digest = Digest("南例发布", "2026年第三季度", 5, [DONE, NOT, WAITING])
    assert (digest.done, digest.not_done, digest.waiting) == ([DONE], [NOT], [WAITING])


def test_the_broadcast_says_what_was_done_and_why_the_rest_was_not():
    text = broadcast(Digest("南例发布", "2026年第三季度", 5, [DONE, NOT, WAITING]))
    for words in (
        "点题5件",
        "您说“公交五路改到哪里了”，9月3日发了改线图。",
        "没做，因为没有每天采价的来源，改为每周。",
        "还有1件正在办。",
    ):
        assert words in text
    assert len(text) <= 300


def test_a_long_quarter_is_cut_between_sentences():
    many = [Said("问" * 90, 1, done="答" * 90) for _ in range(20)]
    text = broadcast(Digest("南例发布", "2026年第三季度", 20, many))
    assert len(text) <= 300
    assert text.endswith("告诉我们。")
    assert "…" in text
    assert "正在办" not in text


def test_an_empty_quarter_still_asks():
    text = broadcast(Digest("南例发布", "2026年第三季度", 0, []))
    assert "点题0件" in text
    assert "做了的" not in text
