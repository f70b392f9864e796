"""Values that pages hand to the components. Words are plain text and are escaped; SafeString passes as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from qiguan.core.facts import State


@dataclass(frozen=True, slots=True)
class Action:
    """A button. `post` makes a form with a token; `fields` are its hidden inputs; `go` makes it the solid one."""

    label: str
    url: str
    go: bool = False
    post: bool = False
    fields: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the three answers on top: at most 14 characters, then notes in small, then what can be pressed."""

    words: str
    notes: Sequence[str] = ()
    actions: Sequence[Action] = ()
    link: tuple[str, str] | None = None  # label, address: where the evidence stands


@dataclass(frozen=True, slots=True)
class Fact:
    """Label, value, and in small how we know."""

    label: str
    value: str | int
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row of evidence in time. `state` colours and shapes it; without one, `icon` does. A gap of ours is State.UNKNOWN."""

    title: str
    when: str | datetime
    notes: Sequence[str] = ()
    state: State | None = None
    icon: str = ""
    links: Sequence[tuple[str, str]] = ()
    digest: str = ""  # sha256 of what was read


@dataclass(frozen=True, slots=True)
class Pick:
    """A state (or any word) as a link with its count, above a list."""

    label: str
    url: str
    count: int | None = None
    current: bool = False
    state: State | None = None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One row of 各地各部门. `history` is the number to be handled, week by week, oldest first."""

    name: str
    url: str
    counts: dict[State, int]
    history: Sequence[int] = ()

    # what the law calls a problem; unknown is ours and is counted apart
    TO_DO = (State.OVERDUE, State.SLEEPING, State.ZOMBIE, State.NEVER_POSTED, State.BLOCKED)

    @property
    def total(self) -> int:
        """Accounts in the register, without the closed ones."""
        return sum(n for s, n in self.counts.items() if s is not State.CLOSED)

    @property
    def to_do(self) -> int:
        """Accounts about which somebody must do something."""
        return sum(self.counts.get(s, 0) for s in self.TO_DO)

    @property
    def unseen(self) -> int:
        """Accounts of which we saw too little."""
        return self.counts.get(State.UNKNOWN, 0)

    @property
    def change(self) -> str:
        """How `to_do` moved over the history, in words."""
        if len(self.history) < 2:
            return ""
        moved = self.history[-1] - self.history[0]
        return f"多了{moved}个" if moved > 0 else f"少了{-moved}个" if moved < 0 else "没有变化"


@dataclass(frozen=True, slots=True)
class MixGroup:
    """A group below the mix bar: a sum, its word, what it means, and the states in it as links."""

    total: int
    word: str
    note: str
    picks: Sequence[Pick] = field(default_factory=tuple)
