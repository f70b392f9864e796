"""`qiguan round open|draw|judge|settle|show`: a round from the shell. Results on stdout, progress on stderr."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from qiguan.core.check_point import parse_at
from qiguan.core.errors import UnusableInput

if TYPE_CHECKING:
    from qiguan.inspection.models import Round


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Five words, each with its own options."""
    words = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    new = words.add_parser("open", help="发起一批，定下范围；打印批次编号 / open a round")
    new.add_argument("--organ", required=True, metavar="NAME", help="检查单位")
    new.add_argument("--title", required=True, help="名称，如2026年第三季度检查")
    new.add_argument("--at", required=True, metavar="ISO8601", help="监测时间点；只写日期表示当日24:00")
    new.add_argument("--platform", default="", help="只查这个平台，如weibo")
    new.add_argument("--level", default="", choices=["", "province", "city", "county", "town"], help="只查这个层级")
    new.add_argument("--scope", default="", choices=["", "national", "local"], help="只查这个口径")
    new.add_argument("--place", default="", metavar="NAME", help="只查这个单位及其下属")
    new.add_argument("--percent", type=int, default=100, metavar="N", help="抽签检查百分之几；不写就全查")
    new.add_argument("--number-source", default="", metavar="TEXT", help="抽签用哪个之后才知道的公开号码")
    new.add_argument("--no-recheck", action="store_true", help="不复查上期不合格的账号")
    draw = words.add_parser("draw", help="填公开号码，抽签 / draw by the public number")
    draw.add_argument("round", metavar="ROUND")
    draw.add_argument("--seed", required=True, metavar="NUMBER", help="公布的号码")
    for word, line in (
        ("judge", "机器检查；中断后再运行就接着查 / judge"),
        ("settle", "定案；问题都研判完才行 / write the verdicts"),
    ):
        words.add_parser(word, help=line).add_argument("round", metavar="ROUND")
    words.add_parser("show", help="看各批，或一批的结果 / show rounds or one").add_argument("round", metavar="ROUND", nargs="?")


def run(options: argparse.Namespace) -> int:
    """Do the step. Unusable input and a step out of turn raise QiguanError (exit 2)."""
    from qiguan.config.commands.django_setup import start

    start()
    return {"open": _open, "draw": _draw, "judge": _judge, "settle": _settle, "show": _show}[options.step](options)


def _round(options: argparse.Namespace) -> Round:
    from qiguan.inspection.models import Round

    found = Round.objects.filter(public_id=options.round).select_related("organ", "before").first()
    if found is None:
        raise UnusableInput(f"没有批次“{options.round[:40]}”", place="ROUND", remedy="用qiguan round show看编号")
    return found


def _open(options: argparse.Namespace) -> int:
    from qiguan.core.platforms import name_key
    from qiguan.inspection.actions.rounds import Choice, open_round
    from qiguan.inspection.models import Round
    from qiguan.jobs import clock
    from qiguan.people.models import Organ
    from qiguan.people.queries import organs_named

    def organ(name: str, place: str) -> Organ:
        found = organs_named(name_key(name)).first()
        if found is None:
            raise UnusableInput(f"没有叫“{name}”的单位", place=place, remedy="请核对单位名称")
        return found

    wanted = {name: getattr(options, name) for name in ("platform", "level", "scope") if getattr(options, name)}
    if options.place:
        wanted["place"] = organ(options.place, "--place").public_id
    drawn = options.percent != 100 or bool(options.number_source)
    sort = Round.Sort.DRAWN if drawn else Round.Sort.FILTERED if wanted else Round.Sort.FULL
    choice = Choice(sort, wanted, options.percent, options.number_source, not options.no_recheck)
    at = parse_at(options.at)
    round_ = open_round(
        organ=organ(options.organ, "--organ"), title=options.title, at=at, choice=choice, by=None, now=clock.now()
    )
    print(round_.public_id)
    print(f"范围{round_.accounts.count()}个账号，名单{round_.list_hash}", file=sys.stderr)
    return 0


def _draw(options: argparse.Namespace) -> int:
    from qiguan.inspection.actions.rounds import draw_round
    from qiguan.jobs import clock

    print(f"抽中{draw_round(round_=_round(options), seed=options.seed, by=None, at=clock.now())}个账号")
    return 0


def _moved(done: int, total: int) -> None:
    print(f"\r{done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _judge(options: argparse.Namespace) -> int:
    from qiguan.inspection.actions.rounds import judge_round
    from qiguan.inspection.queries.rounds import progress_of
    from qiguan.jobs import clock

    round_ = _round(options)
    n = judge_round(round_=round_, at=clock.now(), moved=_moved)
    print(f"检查{n}个账号，{progress_of(round_).waiting}条问题待研判")
    return 0


def _settle(options: argparse.Namespace) -> int:
    from qiguan.inspection.actions.settling import settle_round
    from qiguan.jobs import clock

    print(f"写下{settle_round(round_=_round(options), by=None, at=clock.now(), moved=_moved)}份结论")
    return 0


def _show(options: argparse.Namespace) -> int:
    from qiguan.core.days import say_at
    from qiguan.inspection.models import Round
    from qiguan.inspection.queries.rounds import counts_of, progress_of, unknown_reasons

    if not options.round:
        for round_ in Round.objects.select_related("organ"):
            print(f"{round_.public_id}  {round_.get_stage_display()}  {round_.organ.name}  {round_.title}  {say_at(round_.at)}")
        return 0
    round_ = _round(options)
    progress = progress_of(round_)
    print(f"{round_.title}  {round_.organ.name}  {round_.get_stage_display()}  监测时间点{say_at(round_.at)}")
    print(f"  检查{progress.judged}/{progress.total}，待研判{progress.waiting}，已研判{progress.decided}")
    if round_.stage in {Round.Stage.WAITING, Round.Stage.JUDGING}:
        return 0
    counts = counts_of(round_)
    for word, words in (("本期检查的全部", counts.whole), ("其中上期也在范围的", counts.old)):
        if words is not None:
            print(
                f"  {word}{words.total}：合格{words.passed}，不合格{words.failed}（{words.fail_rate}），未能判定{words.untold}（{words.untold_rate}）"
            )
    for because, n in unknown_reasons(round_)[:10]:
        print(f"    {n:>6}  {because}")
    return 0
