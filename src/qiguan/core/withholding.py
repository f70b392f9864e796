"""Cross-tables that name nobody: what lies below ten is withheld, and what subtraction would give back is withheld with it.

The column sums are public already (the result by grade), so they are taken as known. A cell is withheld, a row's sum with it
where it is small; then, until nothing changes: what the withheld cells of a line add up to is told by subtraction, so that it
must itself reach ten; and a withheld cell must have another value that fits all that is shown: one can be found exactly where the
residual network of the withheld cells has a cycle through it. Source: Gusfield 1988, SIAM J. Comput. 17, 552–571.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LEAST: Final = 10
Cell = tuple[int, int]


def publish(table: Sequence[Sequence[int]], *, least: int = LEAST) -> list[list[int | None]]:
    """Return the table with each row's sum as a last column; None where a number is withheld.

    `table`: a row a group, a column an answer, counts; the sums of the columns are published elsewhere.
    """
    given = [c for c in range(len(table[0])) if any(row[c] for row in table)] if table else []
    shown = _publish([[row[c] for c in given] for row in table], least)
    place = {c: n for n, c in enumerate(given)}  # a column of noughts is public as it is, and hides nothing
    return [
        [*(cells[place[c]] if c in place else 0 for c in range(len(row))), cells[-1]]
        for row, cells in zip(table, shown, strict=True)
    ]


def _publish(table: Sequence[Sequence[int]], least: int) -> list[list[int | None]]:
    full = [[*row, sum(row)] for row in table]
    hidden = {(r, c) for r, row in enumerate(full) for c, value in enumerate(row) if value < least}
    while True:
        more = _small_remainder(full, hidden, least) or _fixed(full, hidden)
        if more is None:
            break
        hidden.add(more)
    return [[None if (r, c) in hidden else value for c, value in enumerate(row)] for r, row in enumerate(full)]


def _small_remainder(full: list[list[int]], hidden: set[Cell], least: int) -> Cell | None:
    """Return one more cell to withhold in a line whose withheld part, told by subtraction, lies below `least`."""
    width = len(full[0]) if full else 0
    lines = [[(r, c) for r in range(len(full))] for c in range(width)]
    # a row whose sum is withheld as well is bound to no published number
    lines += [[(r, c) for c in range(width - 1)] for r in range(len(full)) if (r, width - 1) not in hidden]
    for line in lines:
        gone = [cell for cell in line if cell in hidden]
        if gone and len(gone) < len(line) and sum(full[r][c] for r, c in gone) < least:
            return _least(full, [cell for cell in line if cell not in hidden])
    return None


def _fixed(full: list[list[int]], hidden: set[Cell]) -> Cell | None:
    """Return one more cell to withhold where a withheld one can have no other value; None where none is fixed, or nothing helps.

    Counts run like water from the sums through the rows into the columns: a value can be another where water could go round
    through other withheld cells, and no cell falls below nought.
    """
    for cell in sorted(hidden):
        others = _arcs(full, hidden - {cell})
        tried = [(head, tail) for tail, head in _arcs(full, {cell})]
        reached = [_reached(others, start) for start, _ in tried]
        if any(end in near for (_, end), near in zip(tried, reached, strict=True)):
            continue
        shown = [(r, c) for r, row in enumerate(full) for c in range(len(row)) if (r, c) not in hidden]
        helps = [x for x in shown if any(a in near and b not in near for a, b in _arcs(full, {x}) for near in reached)]
        if helps:
            return _least(full, helps)
    return None


def _least(full: list[list[int]], cells: list[Cell]) -> Cell:
    """Return the cell that costs the reader least: inside before a sum, small before large."""
    return min(cells, key=lambda cell: (cell[1] == len(full[0]) - 1, full[cell[0]][cell[1]], cell))


def _arcs(full: list[list[int]], cells: set[Cell]) -> list[tuple[int, int]]:
    """Return the ways water can go: row r is the node r, column c the node ~c; against the stream only where something runs."""
    found = []
    for r, c in sorted(cells):
        ends = (~c, r) if c == len(full[r]) - 1 else (r, ~c)  # a row's sum runs into its row
        found.append(ends)
        if full[r][c]:
            found.append(ends[::-1])
    return found


def _reached(arcs: list[tuple[int, int]], start: int) -> set[int]:
    near, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        for tail, head in arcs:
            if tail == node and head not in near:
                near.add(head)
                waiting.append(head)
    return near
