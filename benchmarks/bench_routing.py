"""The router's method, measured: five folds over citizens' messages that lie beside the project, fold by fold. Run: make bench.

`python benchmarks/bench_routing.py [FOLDS]` learns four fifths in two passes and routes the rest; nothing learned here is kept.
The messages came cut into words, stop-words removed; `--joined` takes the blanks out, as people write.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from python_calamine import CalamineWorkbook

from qiguan.core.routing import SURE, Routed, Router, fields

SHARED = Path(os.environ.get("QIGUAN_SHARED", Path(__file__).parents[2] / "shared"))
MESSAGES = SHARED / "data" / "content" / "tipdm2020c" / "fj2_segmented_jesHrz.xlsx"
FOLDS = 5


def messages() -> list[tuple[str, str]]:
    """Return (text, department), every text once, in an order that does not depend on the file's."""
    rows = CalamineWorkbook.from_path(str(MESSAGES)).get_sheet_by_index(0).to_python()
    kept: dict[str, str] = {}
    for row in rows:
        text, label = str(row[0]).strip(), str(row[1]).strip()
        if text and label:
            kept.setdefault(text, label)
    found = sorted(kept.items())
    random.Random(2026).shuffle(found)
    return found


def split(examples: Sequence[tuple[str, str]], folds: int = FOLDS) -> list[list[tuple[str, str]]]:
    """Deal the examples out, each label in turn, so that every fold has the same mixture."""
    dealt: list[list[tuple[str, str]]] = [[] for _ in range(folds)]
    turn: dict[str, int] = {}
    for text, label in examples:
        turn[label] = turn.get(label, -1) + 1
        dealt[turn[label] % folds].append((text, label))
    return dealt


def new_router(labels: Sequence[str]) -> Router:
    """A router as it ships, for the departments of the data."""
    kinds = fields()
    return Router({label: kinds.get(label, []) for label in labels})


def measure(routed: Sequence[tuple[Routed, str]]) -> dict[str, float]:
    """Macro-F1, accuracy, top-2, and what is left to the machine at the threshold."""
    labels = {label for _, label in routed}
    f1 = []
    for label in labels:
        hit = sum(r.label == label == y for r, y in routed)
        wrong = sum((r.label == label) != (y == label) for r, y in routed)
        f1.append(2 * hit / (2 * hit + wrong) if hit else 0.0)
    sure = [(r, y) for r, y in routed if r.p >= SURE]
    return {
        "macro-F1": sum(f1) / len(f1),
        "accuracy": sum(r.label == y for r, y in routed) / len(routed),
        "top-2": sum(y in dict(r.ranked[:2]) for r, y in routed) / len(routed),
        "mean p": sum(r.p for r, _ in routed) / len(routed),
        "sure": len(sure) / len(routed),
        "right where sure": sum(r.label == y for r, y in sure) / max(len(sure), 1),
        "calibration error": calibration_error(routed),
    }


def calibration_error(routed: Sequence[tuple[Routed, str]], bins: int = 10) -> float:
    """Expected calibration error over ten bins of equal width."""
    total = 0.0
    for nth in range(bins):
        inside = [
            (r.p, r.label == y) for r, y in routed if nth / bins <= r.p < (nth + 1) / bins or (nth == bins - 1 and r.p == 1)
        ]
        total += abs(sum(p for p, _ in inside) - sum(ok for _, ok in inside))
    return total / len(routed)


def one_fold(dealt: Sequence[Sequence[tuple[str, str]]], held: int) -> dict[str, float]:
    """Learn all folds but one, in mixed order, and route that one."""
    learned = [example for nth, fold in enumerate(dealt) if nth != held for example in fold]
    random.Random(held).shuffle(learned)
    router = new_router(sorted({label for _, label in learned}))
    started = time.process_time()
    router.learn(learned, passes=2)
    between = time.process_time()
    routed = [(router.route(text), label) for text, label in dealt[held]]
    ended = time.process_time()
    return {
        **measure(routed),
        "ms to learn one": 1000 * (between - started) / len(learned),
        "ms to route one": 1000 * (ended - between) / len(routed),
    }


def show(name: str, figures: dict[str, float]) -> None:
    """One line."""
    print(f"{name:<10}" + "  ".join(f"{key} {value:.4f}" for key, value in figures.items()), flush=True)


def main() -> None:
    """Print the router as it ships, each fold, and the mean."""
    if not MESSAGES.exists():
        print("routing: the messages do not lie beside the project, nothing is measured")
        return
    joined = "--joined" in sys.argv
    examples = [(text.replace(" ", ""), label) if joined else (text, label) for text, label in messages()]
    count = next((int(a) for a in sys.argv[1:] if a.isdigit()), FOLDS)
    dealt = split(examples)
    unlearned = new_router(sorted({label for _, label in examples}))
    print(f"routing: {len(examples)} messages, {len(dealt)} folds" + (", blanks taken out" if joined else ""))
    show("as shipped", measure([(unlearned.route(text), label) for text, label in dealt[0]]))
    found = []
    for held in range(count):
        found.append(one_fold(dealt, held))
        show(f"fold {held + 1}", found[-1])
    show("mean", {key: sum(f[key] for f in found) / len(found) for key in found[0]})


if __name__ == "__main__":
    main()
