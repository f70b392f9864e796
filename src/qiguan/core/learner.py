"""A linear model that learns one text at a time: hashed character pieces, squared hinge, its own calibration. No library, no model file.

Each text is its pieces of one to three characters, the opening counted twice, weighted by how often and how seldom they
occur. One step of gradient an example, so a confirmed case counts at once. Weights stand under hashes, not under words:
nothing that a citizen wrote can be read out of a stored model.
Probabilities are calibrated on the fly: before an example is learned it is guessed, and a temperature follows how sure
and how right the guesses were.
"""

from __future__ import annotations

import json
import unicodedata
import zlib
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import exp, log, sqrt
from operator import itemgetter, mul
from random import Random

from qiguan.core.errors import UnusableInput

LONGEST = 700  # characters that are read: what a text is about stands early
HEAD = 30  # characters of the opening, which count twice
_WIDEST = 40  # blanks in a row
_PIECES = (1, 2, 3)
_RATE, _SLOWING, _SLOWEST = 1.0, 5000, 0.4
_FEW = 1000  # texts; from here on a piece seen in one text only says nothing


@dataclass(frozen=True, slots=True)
class Vector:
    """A text as the learner sees it: buckets and their weights, of length one in sum of squares."""

    buckets: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(slots=True)
class Learner:
    """Weights by label. `bits`: 2**bits buckets a label, four bytes each."""

    bits: int = 18
    texts: int = 0
    heat: float = 1.0  # scores are multiplied with it before they become probabilities
    seen_in: array[int] = field(default_factory=lambda: array("I"))
    weights: dict[str, array[float]] = field(default_factory=dict)
    offsets: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.seen_in:
            self.seen_in = array("I", bytes(4 << self.bits))

    def add_label(self, label: str) -> None:
        """Let a label be guessed; one already known stays as it is."""
        if label not in self.weights:
            self.weights[label] = array("f", bytes(4 << self.bits))
            self.offsets[label] = 0.0

    def buckets(self, pieces: Mapping[str, float]) -> dict[int, float]:
        """Return how often a text's pieces fall into each bucket."""
        counts: dict[int, float] = {}
        for piece, n in pieces.items():
            bucket = bucket_of(piece, self.bits)
            counts[bucket] = counts.get(bucket, 0.0) + n
        return counts

    def count(self, buckets: Iterable[int]) -> None:
        """Count a text's pieces, so that the common ones weigh less."""
        self.texts += 1
        for bucket in buckets:
            self.seen_in[bucket] += 1

    def vector(self, buckets: Mapping[int, float]) -> Vector:
        """Weigh a text's pieces; those that too few texts showed are left out."""
        least, seen_in, texts = 1 if self.texts < _FEW else 2, self.seen_in, self.texts
        kept = [(b, _often(n) * _seldom(texts, seen_in[b])) for b, n in buckets.items() if seen_in[b] >= least]
        length = sqrt(sum(w * w for _, w in kept)) or 1.0
        return Vector(tuple(b for b, _ in kept), tuple(w / length for _, w in kept))

    def scores(self, vector: Vector, prior: Mapping[str, float] | None = None) -> dict[str, float]:
        """Return each label's score: what was known before plus what was learned."""
        prior = prior or {}
        first = vector.buckets[:1]
        pick = itemgetter(*vector.buckets) if len(vector.buckets) > 1 else lambda w: tuple(w[b] for b in first)
        return {
            label: prior.get(label, 0.0) + self.offsets[label] + sum(map(mul, pick(weights), vector.weights))
            for label, weights in self.weights.items()
        }

    def probabilities(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Turn scores into calibrated probabilities that add up to one."""
        return softmax({label: score * self.heat for label, score in scores.items()})

    def step(
        self, vector: Vector, label: str, *, prior: Mapping[str, float] | None = None, steps: int, fresh: bool = True
    ) -> None:
        """Move towards `label`. `steps`: how many were taken before; `fresh`: the text was not learned before, so the guess is honest."""
        scores = self.scores(vector, prior)
        if fresh and len(scores) > 1:
            self._calibrate(scores, label)
        rate = max(_RATE / sqrt(1 + steps / _SLOWING), _SLOWEST)
        for name, score in scores.items():
            side = 1.0 if name == label else -1.0
            move = rate * side * min(1.0, 1.0 - side * score)  # a label already a margin of one on its side stays
            if move * side > 0:
                self.offsets[name] += 0.05 * move
                weights = self.weights[name]
                for bucket, weight in zip(vector.buckets, vector.weights, strict=True):
                    weights[bucket] += move * weight

    def _calibrate(self, scores: Mapping[str, float], label: str) -> None:
        expected = sum(p * scores[name] for name, p in self.probabilities(scores).items())
        pull = max(-1.0, min(1.0, scores[label] - expected))
        self.heat = min(max(self.heat * exp(0.02 * pull), 0.2), 9.0)

    def pull(self, piece: str, label: str, against: str) -> float:
        """Say how strongly one piece speaks for a label rather than another."""
        bucket = bucket_of(piece, self.bits)
        if not self.seen_in[bucket]:
            return 0.0
        return _seldom(self.texts, self.seen_in[bucket]) * (self.weights[label][bucket] - self.weights[against][bucket])

    def to_bytes(self) -> bytes:
        """Return the whole model for keeping."""
        head = {"bits": self.bits, "texts": self.texts, "heat": self.heat, "offsets": self.offsets}
        first = json.dumps(head, ensure_ascii=True).encode()
        weights = b"".join(self.weights[label].tobytes() for label in self.offsets)
        return first + b"\n" + zlib.compress(self.seen_in.tobytes() + weights, 6)

    @classmethod
    def from_bytes(cls, kept: bytes) -> Learner:
        """Read what `to_bytes` wrote, on a machine of the same byte order. Raises UnusableInput for anything else."""
        first, _, rest = kept.partition(b"\n")
        try:
            head = json.loads(first)
            size = 4 << int(head["bits"])
            offsets = {str(label): float(offset) for label, offset in head["offsets"].items()}
            most = size * (len(offsets) + 1)
            raw = zlib.decompressobj().decompress(rest, most + 1)
            if len(raw) != most:
                raise ValueError("length")
            chunks = [raw[i : i + size] for i in range(0, most, size)]
            weights = {label: array("f", chunk) for label, chunk in zip(offsets, chunks[1:], strict=True)}
            return cls(int(head["bits"]), int(head["texts"]), float(head["heat"]), array("I", chunks[0]), weights, offsets)
        except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
            raise UnusableInput("保存的分派模型读不出来", remedy="请用已确认的转办记录重新学习") from error


def softmax(scores: Mapping[str, float]) -> dict[str, float]:
    """Turn scores into probabilities."""
    top = max(scores.values(), default=0.0)
    raised = {label: exp(score - top) for label, score in scores.items()}
    total = sum(raised.values())
    return {label: value / total for label, value in raised.items()}


@lru_cache(maxsize=1 << 12)
def _often(n: float) -> float:
    return 1 + log(n)


@lru_cache(maxsize=1 << 14)
def _seldom(texts: int, seen_in: int) -> float:
    return 1 + log(texts / seen_in)


@lru_cache(maxsize=1 << 18)
def bucket_of(piece: str, bits: int) -> int:
    """Return the bucket of a piece: the same on every machine and in every run."""
    return zlib.crc32(piece.encode("utf-8", "surrogatepass")) & ((1 << bits) - 1)


def plain(text: str, longest: int = LONGEST) -> tuple[str, list[int]]:
    """Return the text with one width and one case, and where in `text` each character stood.

    Blanks stay, up to `_WIDEST` in a row: how a text is laid out (a heading, indents, a list) says something about it.
    """
    letters: list[str] = []
    places: list[int] = []
    wide = 0
    for place, letter in enumerate(text):
        if len(letters) >= longest:
            break
        folded = _folded(letter)
        wide = wide + 1 if folded.isspace() else 0
        if wide <= _WIDEST and (wide == 0 or letters):
            letters.append(folded)
            places.append(place)
    return "".join(letters), places


@lru_cache(maxsize=1 << 14)
def _folded(letter: str) -> str:
    if letter.isspace():
        return letter
    folded = unicodedata.normalize("NFKC", letter).lower()
    letter = folded if len(folded) == 1 else letter
    return " " if unicodedata.category(letter) in {"Cc", "Cf", "Cs"} else letter


def pieces_of(text: str) -> dict[str, float]:
    """Return the pieces of a `plain` text and how often each occurs."""
    counts: dict[str, float] = {}
    for size in _PIECES:
        for start in range(len(text) - size + 1):
            piece = text[start : start + size]
            counts[piece] = counts.get(piece, 0.0) + (2.0 if start < HEAD else 1.0)
    return counts


def learn_all(
    learner: Learner,
    examples: Sequence[tuple[str, str]],
    *,
    prior_of: Callable[[str], Mapping[str, float]] | None = None,
    passes: int = 1,
) -> None:
    """Learn (text, label) pairs together: count them all first, then step through them. `prior_of` scores a `plain` text."""
    for _, label in examples:
        learner.add_label(label)
    read = [plain(text)[0] for text, _ in examples]
    cut = [learner.buckets(pieces_of(text)) for text in read]
    before = learner.texts
    for buckets in cut:
        learner.count(buckets)
    order = list(range(len(read)))
    for nth in range(passes):
        for done, i in enumerate(order):
            prior = prior_of(read[i]) if prior_of else None
            steps = before + nth * len(read) + done
            learner.step(learner.vector(cut[i]), examples[i][1], prior=prior, steps=steps, fresh=nth == 0)
        Random(nth).shuffle(order)  # noqa: S311  the same order twice teaches the order too


def labels_by_probability(chances: Mapping[str, float]) -> list[tuple[str, float]]:
    """Rank labels, the likeliest first; equal ones by name, so that the same text always gets the same answer."""
    return sorted(chances.items(), key=lambda pair: (-pair[1], pair[0]))


def strongest(candidates: Iterable[tuple[float, int, int]], text: str, most: int = 3) -> list[tuple[int, int, float]]:
    """Pick the strongest (weight, start, end) that do not overlap and do not say the same word twice."""
    picked: list[tuple[int, int, float]] = []
    words: set[str] = set()
    for weight, start, end in sorted(candidates, key=lambda c: (-c[0], c[1], c[2])):
        if weight <= 0 or len(picked) == most:
            break
        if text[start:end] in words or any(start < e and s < end for s, e, _ in picked):
            continue
        picked.append((start, end, weight))
        words.add(text[start:end])
    return picked
