"""Which column holds what: the header is found under title rows, its words are guessed, a person can correct it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from qiguan.core.cells import Sheet, column_letters
from qiguan.core.errors import UnusableInput
from qiguan.core.platforms import canonical, id_sort, name_key


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the register: its official word, the header words that name it, whether it is a private contact."""

    code: str
    word: str
    headers: tuple[str, ...]
    private: bool = False


FIELDS: Final[tuple[Field, ...]] = (
    Field("name", "账号名称", ("账号名称", "新媒体名称", "政务新媒体名称", "公众号名称", "账号昵称", "昵称", "新媒体账号名称", "客户端名称", "账号全称", "name", "account")),
    Field("platform", "平台", ("平台", "平台类型", "账号类型平台", "platform", "所属平台", "平台名称", "开设平台", "新媒体平台", "账号平台", "发布平台")),
    Field("platform_id", "账号ID", ("账号id", "账号标识", "微信号", "bizid", "biz", "原始id", "微信id", "公众号id", "微信原始id", "accountid", "id", "账号编号", "平台账号", "账号号码", "uid")),
    Field("link", "链接", ("链接", "账号链接", "网址", "主页", "主页链接", "主页地址", "url", "link", "访问地址", "账号地址")),
    Field("owner", "主办单位", ("主办单位", "责任单位", "开设主体", "主办部门", "主办单位名称", "单位名称", "所属单位", "owner", "org", "开设单位", "开办单位", "主体", "运营单位", "运维单位", "建设单位", "填报单位", "责任主体", "运营主体")),
    Field("supervisor", "主管单位", ("主管单位", "上级主管单位", "主管部门", "上级主管部门", "上级单位", "上级", "supervisor", "监管单位", "主管单位名称")),
    Field("level", "层级", ("层级", "单位层级", "级别", "单位级别", "level", "行政层级")),
    Field("kind", "账号类型", ("功能类型", "发布类服务类", "发布类或服务类", "kind", "服务类型")),
    Field("scope", "口径", ("口径", "统计口径", "scope", "检查范围")),
    Field("opened_on", "开设时间", ("开设时间", "开通时间", "开通日期", "开设日期", "开办时间", "上线时间", "注册时间", "注册日期", "创建时间", "opened", "openedon", "成立时间")),
    Field("certified_subject", "认证主体", ("认证主体", "认证名称", "认证单位", "认证信息", "主体名称", "账号主体")),
    Field("purpose", "功能定位", ("功能定位", "账号定位", "功能介绍", "功能描述", "账号简介", "简介", "description", "主要功能", "用途")),
    Field("staffing", "人员", ("人员", "人员配备", "运营人员类型", "staffing", "运维方式", "专兼职")),
    Field("staff_people", "运营人数", ("运营人数", "人员数量", "人数")),
    Field("status", "状态", ("状态", "账号状态", "使用状态", "运行状态", "当前状态", "status", "是否在用")),
    Field("closed_on", "关停时间", ("关停时间", "注销时间", "关停日期", "注销日期")),
    Field("closing_filed_on", "停更备案时间", ("停更备案时间", "关停备案时间", "停更备案日期")),
    Field("closing_notice_on", "停更公告时间", ("停更公告时间", "关停公告时间", "公告日期")),
    Field("closes_on", "拟注销时间", ("拟注销时间", "计划注销时间", "拟注销日期")),
    Field("owner_ended_on", "主办单位撤并时间", ("主办单位撤并时间", "单位撤并时间", "撤并日期")),
    Field("successor", "承接单位", ("承接单位", "职能承接单位")),
    Field("source_link", "采集地址", ("采集地址", "采集源", "rss", "feed", "rss地址", "rss链接", "订阅地址", "source")),
    Field("source_complete", "来源完整", ("来源完整", "来源是否完整", "完整来源", "complete")),
    Field("contact_name", "联系人", ("联系人", "负责人", "管理员", "运营人员", "经办人", "联络员", "联系人姓名", "负责人姓名", "管理员姓名", "联系人及电话"), private=True),
    Field("contact_phone", "联系电话", ("联系电话", "联系方式", "电话", "电话号码", "手机", "手机号", "手机号码", "办公电话", "电子邮箱", "邮箱", "联系人电话", "负责人电话", "管理员电话"), private=True),
    Field("last_update", "最近更新", ("检查时更新日期", "lastupdate", "最近更新", "最近更新时间", "最后更新时间", "更新日期", "最后更新日期", "最近更新日期", "最新发布日期", "最新发布时间")),
)  # fmt: skip
BY_CODE: Final[dict[str, Field]] = {field.code: field for field in FIELDS}
_BY_KEY: Final[dict[str, str]] = {name_key(h): f.code for f in FIELDS for h in f.headers}
# Words that name one field here and another there: taken after all plain ones, and by what stands below.
_EITHER: Final[dict[str, tuple[str, ...]]] = {
    "账号": ("name", "platform_id"),
    "名称": ("name",),
    "公众号": ("name",),
    "单位": ("owner",),
    "部门": ("owner",),
    "新媒体类型": ("platform", "kind"),
    "类型": ("platform", "kind"),
    "类别": ("platform", "kind"),
    "账号类型": ("kind", "platform"),
    "账号类别": ("kind", "platform"),
}
_IGNORED = {name_key(w) for w in ("序号", "编号", "备注", "no", "问题类别", "发布条数", "分组")}
_ENDINGS: Final = sorted((k for k in _BY_KEY if len(k) >= 4 and not k.isascii()), key=len, reverse=True)
_HEADER_ROWS = 30  # a header stands within the first rows, under a title and a note at most
_SAMPLE = 50


@dataclass(frozen=True, slots=True)
class Columns:
    """How a sheet's columns are read. `mapping`: column (from 0) → field code; `why` says how each was recognised."""

    header_row: int
    first_row: int
    mapping: Mapping[int, str]
    headers: Sequence[str]
    why: Mapping[int, str]
    fingerprint: str
    unsure: frozenset[int] = frozenset()  # columns read by likeness or by content: worth a look in the preview

    def column_of(self, field: str) -> int | None:
        """Return the column of a field, None where the sheet has none."""
        return next((column for column, code in self.mapping.items() if code == field), None)


def guess(sheet: Sheet, *, remembered: Mapping[str, str] | None = None, chosen: Mapping[str, str] | None = None) -> Columns:
    """Find the header and read it. `remembered` and `chosen` map header text → field code ("" for none); `chosen` wins.

    Raises UnusableInput where no row of the first thirty names at least the account.
    """
    best = max(range(min(len(sheet.rows), _HEADER_ROWS)), key=lambda r: (_score(sheet, r, remembered, chosen), -r), default=None)
    if best is None or _score(sheet, best, remembered, chosen) == 0:
        raise UnusableInput(
            "前30行里没有找到表头",
            place=f"工作表“{sheet.name}”" if sheet.name else "表格",
            remedy="表头至少要有“账号名称”一列；也可以先下载模板填写",
        )
    first = best + 1
    headers = _headers(sheet, best)
    if first < len(sheet.rows) and _is_second_header(headers, _headers(sheet, first, len(headers))):
        headers = [_joined(a, b) for a, b in zip(headers, _headers(sheet, first, len(headers)), strict=True)]
        first += 1
    reader = _Reader(sheet, first, headers, remembered or {}, chosen or {})
    reader.read()
    if "name" not in reader.mapping.values():
        raise _without_name(headers, best)
    mapping = dict(sorted(reader.mapping.items()))
    return Columns(best, first, mapping, headers, reader.why, fingerprint(headers), frozenset(reader.unsure))


def _without_name(headers: Sequence[str], row: int) -> UnusableInput:
    wide = [h for h in headers if canonical(h).sure and canonical(h).code != "other"]
    if len(wide) > 1:
        return UnusableInput(
            "这张表一个平台一列，不是一个账号一行", place=f"第{row + 1}行表头", remedy="请改成每个账号一行，平台单列一列"
        )
    return UnusableInput("没有“账号名称”这一列", place=f"第{row + 1}行表头", remedy="请在预览里指定哪一列是账号名称")


def fingerprint(headers: Sequence[str]) -> str:
    """Return what a header is remembered by: its words, whatever their spacing."""
    return sha256("|".join(name_key(h) for h in headers).encode()).hexdigest()[:32]


def _headers(sheet: Sheet, row: int, width: int | None = None) -> list[str]:
    return [sheet.text(row, c) for c in range(width or len(sheet.rows[row]))]


def _key(header: str) -> str:
    """Normalise a header; what stands in brackets and 必填 are no part of its name, unless nothing else is."""
    bare = name_key(re.sub(r"[（(【\[].*?[)）】\]]", "", header))
    return re.sub(r"^(?:是否)?必填|[必选]填项?$", "", bare) or name_key(header)


def _known(header: str) -> str | None:
    """Return the field that a header names by itself."""
    for key in (_key(header), name_key(header)):
        code = _BY_KEY.get(key) or _EITHER.get(key, (None,))[0]
        if code is not None:
            return code
    return None


def _score(sheet: Sheet, row: int, remembered: Mapping[str, str] | None, chosen: Mapping[str, str] | None) -> int:
    """Count distinct fields that a row's words name; a row of one repeated value is a merged title."""
    texts = [t for t in _headers(sheet, row) if t]
    if len(texts) > 1 and len(set(texts)) == 1:
        return 0
    extra = {**(remembered or {}), **(chosen or {})}
    return len({_known(t) or extra.get(t) for t in texts} - {None, ""})


def _is_second_header(above: Sequence[str], below: Sequence[str]) -> bool:
    """A header of two rows: the second names fields too, or splits a word above it while the name's column is merged."""
    if len({_known(t) for t in below} - {None}) >= 2:
        return True
    names = [c for c, t in enumerate(above) if _known(t) == "name"]
    own = [(a, b) for a, b in zip(above, below, strict=True) if b not in ("", a)]
    return bool(names) and all(below[c] in ("", above[c]) for c in names) and any(_known(b) or _known(a + b) for a, b in own)


def _joined(above: str, below: str) -> str:
    if not below or above == below:
        return above
    if not above or _known(above + below):
        return above + below
    if _known(above) and _known(below) == "name":  # 名称 under 主办单位 is the organ's
        return above
    return below if _known(below) else above + below


@dataclass(slots=True)
class _Reader:
    """Names columns, the surest way first; each field once."""

    sheet: Sheet
    first: int
    headers: Sequence[str]
    remembered: Mapping[str, str]
    chosen: Mapping[str, str]
    mapping: dict[int, str] = field(default_factory=dict)
    why: dict[int, str] = field(default_factory=dict)
    unsure: set[int] = field(default_factory=set)

    def read(self) -> None:
        for said, reason in ((self.chosen, "您指定的"), (self.remembered, "上次就是这样读的")):
            for column, header in self._open():
                if header in said and not self._take(column, said[header], reason) and said[header] == "":
                    self.why[column] = reason
        for column, header in self._open():
            self._take(column, _BY_KEY.get(_key(header)) or _BY_KEY.get(name_key(header)), "按表头的字")
        for column, header in self._open():
            self._by_either(column, _EITHER.get(_key(header), ()))
        for column, header in self._open():
            ending = next((e for e in _ENDINGS if _key(header).endswith(e)), None)
            if ending and self._take(column, _BY_KEY[ending], f"表头以“{ending}”结尾"):
                self.unsure.add(column)
        for column, _ in self._open():
            values = self._values(column)
            if (
                values
                and all(id_sort("wechat_mp", v) != "wxid" for v in values)
                and self._take(column, "platform_id", "按内容像账号ID")
            ):
                self.unsure.add(column)

    def _open(self) -> Iterator[tuple[int, str]]:
        for column, header in enumerate(self.headers):
            if column not in self.why and header and name_key(header) not in _IGNORED:
                yield column, header

    def _take(self, column: int, code: str | None, reason: str) -> bool:
        if code not in BY_CODE or code in self.mapping.values():
            return False
        self.mapping[column], self.why[column] = code, reason
        return True

    def _by_either(self, column: int, codes: Sequence[str]) -> None:
        """Take the first field that is free; 平台 and 账号类型 are told apart by what stands below."""
        reason = "按表头的字"
        if {"platform", "kind"} <= set(codes):
            like = Counter(_likeness(v) for v in self._values(column))
            best = max(("platform", "kind"), key=lambda c: like[c])
            if like[best] and best != codes[0]:
                codes, reason = (best, codes[0]), "表头可作两种理解，按内容"
                self.unsure.add(column)
        if not any(self._take(column, code, reason) for code in codes):
            self.unsure.discard(column)

    def _values(self, column: int) -> list[str]:
        end = min(self.first + _SAMPLE, len(self.sheet.rows))
        return [v for v in (self.sheet.text(r, column) for r in range(self.first, end)) if v]


def _likeness(value: str) -> str:
    found = canonical(value)
    if found.code != "other":
        return "platform"
    return "kind" if re.search(r"发布|服务|综合|兼有", value) else ""


def cell_place(sheet: Sheet, row: int, column: int) -> str:
    """Return words for a cell, as in “第12行E列”."""
    return f"第{row + 1}行{column_letters(column)}列"
