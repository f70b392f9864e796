"""您说的 / 我们做的 / 没做的原因: what a quarter's requests became, as values and as a broadcast of 300 characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BROADCAST = 300  # characters that are read out in a minute


@dataclass(frozen=True, slots=True)
class Said:
    """One matter: what was asked, how many asked with it, and what was done or why not (or neither yet)."""

    words: str
    seconds: int = 0
    done: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """A time's matters of one account. `received` counts all that came, also what is not public."""

    account: str
    span: str  # such as 2026年第三季度
    received: int
    matters: Sequence[Said]

    @property
    def done(self) -> list[Said]:
        """What was done."""
        return [said for said in self.matters if said.done]

    @property
    def not_done(self) -> list[Said]:
        """What was not done, with the reason."""
        return [said for said in self.matters if said.why_not and not said.done]

    @property
    def waiting(self) -> list[Said]:
        """What still waits."""
        return [said for said in self.matters if not said.done and not said.why_not]


def broadcast(digest: Digest, *, most: int = BROADCAST) -> str:
    """Return the text for the loudspeaker: whole sentences only, never longer than `most` characters."""
    done, not_done, waiting = digest.done, digest.not_done, digest.waiting
    text = f"乡亲们，这是“{digest.account}”{digest.span}的回话。大家一共点题{digest.received}件。"
    tail = f"还有{len(waiting)}件正在办。" if waiting else ""
    tail += "您想看什么、想问什么，请扫码或者到窗口告诉我们。"
    parts = [(f"做了的{len(done)}件。", [f"您说“{_short(s.words)}”，{_short(s.done)}。" for s in done])]
    parts.append((f"没做的{len(not_done)}件。", [f"您说“{_short(s.words)}”，没做，因为{_short(s.why_not)}。" for s in not_done]))
    for head, sentences in parts:
        for sentence in [head, *sentences] if sentences else []:
            if len(text) + len(sentence) + len(tail) <= most:
                text += sentence
    return (text + tail)[:most]


def _short(words: str, most: int = 40) -> str:
    flat = " ".join(words.split()).rstrip("。！!；;，,")
    return flat if len(flat) <= most else flat[: most - 1] + "…"
