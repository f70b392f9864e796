"""Failures that a user can mend: a sentence, a place and a remedy."""

from __future__ import annotations


class QiguanError(Exception):
    """A failure with words for the person who can mend it.

    `message` says what is wrong, `place` where (row, cell, field, URL), `remedy` what to do.
    All three are Chinese and safe to show; causes for the log go into `__cause__`.
    """

    def __init__(self, message: str, *, place: str = "", remedy: str = "", code: str = "invalid") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.remedy = remedy
        self.code = code

    def __str__(self) -> str:
        """Read as one line: place, message, remedy."""
        head = f"{self.place}：{self.message}" if self.place else self.message
        return f"{head}。{self.remedy}" if self.remedy else head


class UnusableInput(QiguanError):
    """The input as a whole cannot be worked on (exit code 2, HTTP 400)."""


class TooMany(QiguanError):
    """Too much came from one hand in a short time (HTTP 429). `wait`: whole seconds until the next may come."""

    def __init__(self, wait: int) -> None:
        said = f"{wait}秒" if wait < 120 else f"{-(-wait // 60)}分钟"
        super().__init__("来得太密了", remedy=f"请{said}后再试", code="too_many")
        self.wait = wait


class NotPermitted(QiguanError):
    """The person may not do this here (HTTP 403)."""
