"""What the auditor's page shows beside the log. Any app offers sections; config gathers them, as it does the navigation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from qiguan.people.models import User


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line: what, and quietly beside it who, when, why. `url` is where it stands in full."""

    what: str
    meta: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class AuditSection:
    """A heading with its count, the lines (LISTED at most), and where all of them stand, if anywhere."""

    title: str
    rows: Sequence[AuditRow]
    total: int
    link: str = ""
    note: str = ""  # what the lines mean, or why there are none


# An app offers `def …(user, at) -> AuditSection`, cut to what the user may audit; config lists the offers in their order.
Offer = Callable[[User, datetime], AuditSection]
LISTED = 200  # lines of a section at most; those after the eighth are folded
