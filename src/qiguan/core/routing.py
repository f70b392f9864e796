"""Whom a citizen's message is for: duty words 职责词 to begin with, and what this installation's people confirmed since.

`Router` ranks labels (organs, or fields of the national message classification), says how sure it is, and names the three
words that weighed most. Below `SURE` a person decides. What ships knows nothing but the duty words in `duties.toml`,
facts about who does what, written here; everything learned belongs to the installation.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qiguan.core.learner import Learner, labels_by_probability, learn_all, pieces_of, plain, strongest

SURE = 0.6
_A_WORD = 1.1  # score of one duty word
_MOST_WORDS = 4.0  # more duty words of one kind than this make it no surer
_FADES = 200  # confirmed routings after which the words that ship count half


@dataclass(frozen=True, slots=True)
class Duty:
    """One kind of department. `field`: its heading in the classification of messages; `named`: parts of such organs' names."""

    kind: str
    field: str
    named: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A word of the text that spoke for the first label: text[start:end]."""

    word: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Routed:
    """The answer: labels with probabilities, the likeliest first; the words that weighed most; whether a person must decide."""

    ranked: tuple[tuple[str, float], ...]
    words: tuple[Weighed, ...]

    @property
    def label(self) -> str:
        """The likeliest label."""
        return self.ranked[0][0]

    @property
    def p(self) -> float:
        """Its probability."""
        return self.ranked[0][1]

    @property
    def sure(self) -> bool:
        """False: a person decides."""
        return self.p >= SURE


@cache
def load_duties() -> Mapping[str, Duty]:
    """Read the duty words that ship, by kind."""
    table = tomllib.loads((files("qiguan.core") / "duties.toml").read_text(encoding="utf-8"))
    return {
        kind: Duty(kind, row["field"], tuple(row["named"]), tuple(row["words"].split())) for kind, row in table["kind"].items()
    }


def fields() -> dict[str, list[str]]:
    """The headings of the classification, each with its kinds: labels for a router of an installation without organs."""
    found: dict[str, list[str]] = {}
    for duty in load_duties().values():
        found.setdefault(duty.field, []).append(duty.kind)
    return found


def kinds_of_organ(name: str) -> list[str]:
    """Return the kinds of department that an organ's name shows; none for 某某镇 or a company."""
    return [duty.kind for duty in load_duties().values() if any(part in name for part in duty.named)]


class Router:
    """Ranks labels. `labels`: each label with the kinds of department it does the work of (none: it is learned only)."""

    def __init__(self, labels: Mapping[str, Iterable[str]], learner: Learner | None = None) -> None:
        if not labels:
            raise ValueError("a router needs a label")
        duties = load_duties()
        self.words = {label: tuple(dict.fromkeys(w for k in kinds for w in duties[k].words)) for label, kinds in labels.items()}
        self.learner = learner or Learner()
        for label in labels:
            self.learner.add_label(label)

    def learn(self, examples: Sequence[tuple[str, str]], *, passes: int = 1) -> None:
        """Learn confirmed routings (text, label), old or one at a time; a label not known yet becomes one."""
        learn_all(self.learner, examples, prior_of=self._prior, passes=passes)

    def route(self, text: str) -> Routed:
        """Rank the labels for a message of any length."""
        read, places = plain(text)
        vector = self.learner.vector(self.learner.buckets(pieces_of(read)))
        scores = self.learner.scores(vector, self._prior(read))
        ranked = labels_by_probability(self.learner.probabilities(scores))
        picked = self._weighed(read, ranked) if len(ranked) > 1 else []
        words = [
            Weighed(text[places[s] : places[e - 1] + 1], places[s], places[e - 1] + 1, round(weight, 3))
            for s, e, weight in picked
        ]
        return Routed(tuple(ranked), tuple(words))

    def _prior(self, read: str) -> dict[str, float]:
        """Score the duty words; a longer one says more, and so does one in the opening. What was confirmed here outgrows them."""
        word = _A_WORD / (1 + self.learner.texts / _FADES)
        return {label: word * min(sum(_word_weight(w, read) for w in words), _MOST_WORDS) for label, words in self.words.items()}

    def _weighed(self, read: str, ranked: Sequence[tuple[str, float]]) -> list[tuple[int, int, float]]:
        """Lay each piece's pull on its characters, then weigh words by the characters they hold."""
        first, second = ranked[0][0], ranked[1][0]
        heat = [0.0] * len(read)
        for size in (1, 2, 3):
            for start in range(len(read) - size + 1):
                pull = self.learner.pull(read[start : start + size], first, second) / size
                for at in range(start, start + size):
                    heat[at] += pull
        found = [(s, s + size) for size in (2, 3) for s in range(len(read) - size + 1)]
        candidates = [(sum(heat[s:e]) / 100, s, e) for s, e in found if read[s:e].isalpha()]
        for word in self.words.get(first, ()):
            start = read.find(word)
            if start >= 0:
                end = start + len(word)
                candidates.append((_word_weight(word, read) + sum(heat[start:end]) / 100, start, end))
        return strongest(candidates, read)


def _word_weight(word: str, read: str) -> float:
    place = read.find(word)
    if place < 0:
        return 0.0
    return (1.0 if len(word) > 2 else 0.7) * (1.5 if place < 30 else 1.0)
