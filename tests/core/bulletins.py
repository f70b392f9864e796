"""A bulletin of 示例市 for tests, and a strategy for any bulletin at all."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from qiguan.core.bulletin import (
    Bulletin,
    BulletinRow,
    Demand,
    LastRound,
    Moved,
    Problem,
    Recheck,
    RecheckRow,
    Rectified,
    ScopeChange,
    title_for,
)
from qiguan.core.days import end_of
from qiguan.core.verdict import Word

ISSUER = "示例市人民政府办公室"
SILENT = Problem("内容不更新", "监测时间点前两周内无更新")
DUMB = Problem("互动回应差", "没有有效互动功能")
CHECKED_ON = date(2026, 6, 30)


def town() -> Bulletin:
    """Twelve accounts: six pass (one with a remark), four fail (one with two problems, two put right), two cannot be told."""
    wechat, weibo = "微信公众号", "新浪微博"
    rows = [
        BulletinRow("示例发布", wechat, ISSUER, Word.PASS, "gh_01", "市直", "正常", last_update=date(2026, 6, 29), days_silent=1),
        BulletinRow("示例教育", wechat, "示例市教育局", Word.PASS, "gh_02", "市直", "正常"),
        BulletinRow("东例发布", wechat, "东例区政府办", Word.PASS, "gh_03", "县区", "正常"),
        BulletinRow("东例发布", weibo, "东例区政府办", Word.PASS, "", "县区", "正常"),
        BulletinRow("北例发布", wechat, "北例县政府办", Word.PASS, "", "县区", "临期", problems=(Problem("更新频次有待提高"),)),
        BulletinRow("西例发布", wechat, "西例区政府办", Word.PASS, "", "县区", "正常", in_last_scope=False),
        BulletinRow("东例科技", wechat, "东例区科技局", Word.FAIL, "", "县区", "超期未更新", (SILENT,), date(2026, 6, 1), 29, reply="密码丢失，平台找回要10个工作日。"),
        BulletinRow("南例农机", wechat, "南例县农机中心", Word.FAIL, "", "县区", "从未发布", (SILENT, DUMB), note="主办单位已撤并"),
        BulletinRow("南例审计", wechat, "南例县审计局", Word.FAIL, "", "县区", "从未发布", (SILENT,), rectified=Rectified("备案注销", date(2026, 7, 6))),
        BulletinRow("示例体育", weibo, "示例市体育局", Word.FAIL, "", "市直", "正常", (DUMB,), rectified=Rectified("开通留言"), label="突出问题"),
        BulletinRow("示例统计", wechat, "示例市统计局", Word.UNTOLD, "", "市直", "待核实", untold_because="没有完整来源"),
        BulletinRow("=1+1", weibo, "示例市林业局", Word.UNTOLD, "", "市直", "待核实", untold_because="没有完整来源"),
    ]  # fmt: skip
    return Bulletin(
        issuer=ISSUER,
        title=title_for(ISSUER, "2026年第二季度", "全市"),
        period="2026年第二季度",
        area="全市",
        number="示府办函〔2026〕12号",
        check_point=end_of(CHECKED_ON),
        issued_on=date(2026, 7, 10),
        addressees="各县（区）人民政府，市政府各部门",
        basis="国务院办公厅有关检查指标",
        rows=rows,
        rules=("内容不更新", "互动回应差"),
        not_looked=(("严重表述错误", "没有人看过"),),
        settings="两周按14天计，第14天在内",
        scope_changes=(
            ScopeChange("西例发布", wechat, "西例区政府办", Moved.IN, "新开设并备案", "西例区政府办", date(2026, 5, 3)),
            ScopeChange("西例商务", wechat, "西例区商务局", Moved.OUT, "已备案注销", "西例区政府办", date(2026, 5, 8)),
            ScopeChange("北例林业", wechat, "北例县林业局", Moved.OUT, "调出范围", ISSUER, date(2026, 6, 1), Word.FAIL),
        ),
        last=LastRound("2026年第一季度", passed=9, failed=3, untold=1),
        rechecks=(
            RecheckRow("西例商务", wechat, "西例区商务局", "内容不更新", Recheck.CLOSED),
            RecheckRow("东例发布", weibo, "东例区政府办", "内容不更新", Recheck.RESUMED),
            RecheckRow("东例科技", wechat, "东例区科技局", "内容不更新", Recheck.NOT_YET),
        ),
        demand=Demand(date(2026, 7, 24), "印发之日起10个工作日", ISSUER),
        copies_to="市委办公室，市人大常委会办公室，市政协办公室。",
        printed_by=ISSUER,
    )


words = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=8) | st.sampled_from(
    ["东例发布", "{不合格数}", "12个村", "=1+1", "", "合格9个", "a|b\n", "微信公众号", "新浪微博"]
)
problems = st.builds(Problem, words, words)
rows = st.builds(
    BulletinRow,
    account=words,
    platform=words,
    owner=words,
    verdict=st.sampled_from(Word),
    level=words,
    state=words,
    problems=st.lists(problems, max_size=3).map(tuple),
    untold_because=words,
    rectified=st.none() | st.builds(Rectified, words, st.none() | st.dates()),
    reply=words,
    in_last_scope=st.booleans(),
    label=words,
    note=words,
)
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
bulletins = st.builds(
    Bulletin,
    issuer=words,
    title=words,
    period=words,
    check_point=days.map(end_of),
    issued_on=days,
    rows=st.lists(rows, max_size=12).map(tuple),
    area=words,
    basis=words,
    rules=st.lists(words, max_size=2).map(tuple),
    not_looked=st.lists(st.tuples(words, words), max_size=2).map(tuple),
    settings=words,
    scope_changes=st.lists(
        st.builds(ScopeChange, words, words, words, st.sampled_from(Moved), words, verdict=st.none() | st.sampled_from(Word)),
        max_size=4,
    ).map(tuple),
    last=st.none() | st.builds(LastRound, words, *(st.integers(0, 50),) * 3),
    rechecks=st.lists(st.builds(RecheckRow, words, words, words, words, st.sampled_from(Recheck)), max_size=4).map(tuple),
    demand=st.none() | st.builds(Demand, days.map(lambda d: d + timedelta(3)), words, words),
)
