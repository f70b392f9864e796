"""The figures of a bulletin by name, each computed from its rows. A text names a figure; it never writes the number itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from qiguan.core.bulletin import Bulletin, BulletinRow, Moved, Recheck
from qiguan.core.rate import percent
from qiguan.core.verdict import Word

UNSTATED = "未注明"
MOST_REASONS = 6  # told one by one in the text; the rest in one sum, all in the annex
_DOT = "·"  # joins the parts of a name: 平台·微信公众号·检查


def figures(bulletin: Bulletin) -> dict[str, str]:
    """Return every figure by its name, as it is printed: 检查数 → "184", 合格率 → "89.8%"."""
    found = _verdicts(bulletin.rows)
    found |= _rectification(bulletin)
    for name, groups in (
        ("平台", by_platform(bulletin.rows)),
        ("级别", by_level(bulletin.rows)),
        ("状态", by_state(bulletin.rows)),
    ):
        for key, rows in groups.items():
            found |= {f"{name}{_DOT}{key}{_DOT}{what}": value for what, value in _verdicts(rows).items()}
    for title, rows in by_problem(bulletin.of(Word.FAIL)).items():
        found[f"问题{_DOT}{title}"] = str(len(rows))
    reasons = untold_reasons(bulletin)
    found |= {f"原因{_DOT}{why}": str(count) for why, count in reasons.items()}
    found["其余原因数"] = str(sum(list(reasons.values())[MOST_REASONS:]))
    found |= _scope(bulletin)
    found |= _rechecks(bulletin)
    return found


def _verdicts(rows: Iterable[BulletinRow]) -> dict[str, str]:
    count = Counter(row.verdict for row in rows)
    passed, failed, untold = count[Word.PASS], count[Word.FAIL], count[Word.UNTOLD]
    return {
        "检查数": str(passed + failed + untold),
        "有结论数": str(passed + failed),
        "合格数": str(passed),
        "不合格数": str(failed),
        "未能判定数": str(untold),
        "合格率": percent(passed, passed + failed),
        "未能判定率": percent(untold, passed + failed + untold),
    }


def _rectification(bulletin: Bulletin) -> dict[str, str]:
    failed = bulletin.of(Word.FAIL)
    done = [name_of(row.rectified.how) for row in failed if row.rectified is not None]
    found = {
        "已整改数": str(len(done)),
        "未整改数": str(len(failed) - len(done)),
        "合格但有问题数": str(sum(bool(row.problems) for row in bulletin.of(Word.PASS))),
    }
    return found | {f"整改{_DOT}{how}": str(count) for how, count in Counter(done).items()}


def _scope(bulletin: Bulletin) -> dict[str, str]:
    """The rate on the scope of the last round: rows that stood in it, and those that left, where their verdict is known."""
    changes = bulletin.scope_changes
    left = [change for change in changes if change.moved is Moved.OUT]
    old = [row.verdict for row in bulletin.rows if row.in_last_scope]
    old += [change.verdict for change in left if change.verdict is not None]
    passed, failed = old.count(Word.PASS), old.count(Word.FAIL)
    found = {
        "纳入数": str(len(changes) - len(left)),
        "移出数": str(len(left)),
        "移出无结论数": str(sum(change.verdict is None for change in left)),
        "原口径有结论数": str(passed + failed),
        "原口径合格数": str(passed),
        "原口径合格率": percent(passed, passed + failed),
    }
    if bulletin.last is not None:
        last = bulletin.last
        found |= {
            "上期检查数": str(last.checked),
            "上期合格数": str(last.passed),
            "上期不合格数": str(last.failed),
            "上期未能判定数": str(last.untold),
            "上期合格率": percent(last.passed, last.passed + last.failed),
        }
    return found


def _rechecks(bulletin: Bulletin) -> dict[str, str]:
    count = Counter(row.outcome for row in bulletin.rechecks)
    done = sum(n for outcome, n in count.items() if outcome.is_done)
    return {"复查数": str(len(bulletin.rechecks)), "复查已整改数": str(done)} | {
        f"复查{_DOT}{outcome.value}": str(count[outcome]) for outcome in Recheck
    }


def by_platform(rows: Iterable[BulletinRow]) -> Mapping[str, list[BulletinRow]]:
    """Group by platform in order of size; what states none is 未注明, last."""
    return _grouped((row.platform, row) for row in rows)


def by_level(rows: Iterable[BulletinRow]) -> Mapping[str, list[BulletinRow]]:
    """Group by the level of the body that runs the account (省直, 市直, 县区)."""
    return _grouped((row.level, row) for row in rows)


def by_state(rows: Iterable[BulletinRow]) -> Mapping[str, list[BulletinRow]]:
    """Group by state."""
    return _grouped((row.state, row) for row in rows)


def by_problem(rows: Iterable[BulletinRow]) -> Mapping[str, list[BulletinRow]]:
    """Group by the title of each problem: an account with two stands in two groups, with the same one twice in one."""
    return _grouped((title, row) for row in rows for title in (dict.fromkeys(p.title for p in row.problems) or ("",)))


def untold_reasons(bulletin: Bulletin) -> Mapping[str, int]:
    """Count the reasons of 未能判定, the commonest first."""
    return {key: len(rows) for key, rows in _grouped((r.untold_because, r) for r in bulletin.of(Word.UNTOLD)).items()}


def _grouped(pairs: Iterable[tuple[str, BulletinRow]]) -> dict[str, list[BulletinRow]]:
    groups: dict[str, list[BulletinRow]] = {}
    for key, row in pairs:
        groups.setdefault(name_of(key), []).append(row)
    return dict(sorted(groups.items(), key=lambda item: (item[0] == UNSTATED, -len(item[1]), item[0])))


def name_of(word: str) -> str:
    """Return a word as part of a figure's name: braces and line breaks cannot stand in one."""
    plain = " ".join(word.split()).replace("{", "｛").replace("}", "｝")
    return plain or UNSTATED
