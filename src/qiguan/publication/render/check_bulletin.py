"""The bulletin of `qiguan check`: its lines as a draft 通报 that an office completes with number, addressees and deadline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qiguan.core.bulletin import Bulletin, BulletinRow, Problem, title_for
from qiguan.core.days import day_of, say, say_at
from qiguan.core.rule import Weight, all_rules
from qiguan.core.verdict import Word
from qiguan.publication.render.bulletin_docx import bulletin_docx
from qiguan.publication.render.bulletin_xlsx import bulletin_xlsx
from qiguan.publication.render.check_report import CheckLine, CheckRun

ISSUER = "（发文机关）"  # a run knows the accounts, not the office: it stands where the office writes its name


def bulletin_of(lines: Sequence[CheckLine], run: CheckRun) -> Bulletin:
    """Return the run as a bulletin. Accounts that no rule binds have no verdict and are in no count; their number is told."""
    judged = [line for line in lines if line.verdict]
    remarks = [f"只登记、已关停等不在检查范围的账号{len(lines) - len(judged)}条未计入"] if len(judged) < len(lines) else []
    if run.assumed:
        remarks.append("本次按“采集结果完整”的假定得出，假定由运行人作出")
    if run.observed_at != run.at:
        remarks.append(f"采集时间为{say_at(run.observed_at)}")
    looked = [title for code, title in _titles().items() if not any(code in name for name in run.not_looked)]
    return Bulletin(
        issuer=ISSUER,
        title=title_for(ISSUER, say(run.at)),
        period=say(run.at),
        check_point=run.at,
        issued_on=day_of(run.observed_at),
        rows=[_row(line) for line in judged],
        rules=looked,
        not_looked=[(name.split(" ", 1)[-1], why) for name, why in run.not_looked.items()],
        settings=run.pack_settings,
        remarks=remarks,
    )


def _titles() -> dict[str, str]:
    return {code: rule.title_zh for code, rule in all_rules().items() if rule.weight is Weight.VETO}


def _row(line: CheckLine) -> BulletinRow:
    verdict = Word(line.verdict)
    titles = [_titles().get(code, code) for code in line.rule.split("、") if code]
    problems = tuple(Problem(title, line.reason if nth == 0 else "") for nth, title in enumerate(titles))
    return BulletinRow(
        account=line.account,
        platform=line.platform_word,
        owner=line.owner,
        verdict=verdict,
        account_id=line.account_id,
        state=line.state.word,
        problems=problems if verdict is Word.FAIL else (),
        last_update=day_of(line.last_post_at) if line.last_post_at else None,
        days_silent=line.days_silent,
        untold_because=line.reason.split("；")[0] if verdict is Word.UNTOLD else "",
    )


def write_docx(bulletin: Bulletin, path: Path) -> None:
    """Write bulletin.docx."""
    path.write_bytes(bulletin_docx(bulletin))


def write_xlsx(bulletin: Bulletin, path: Path) -> None:
    """Write bulletin.xlsx."""
    path.write_bytes(bulletin_xlsx(bulletin))
