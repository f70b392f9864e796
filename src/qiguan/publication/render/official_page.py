"""The page of an official document by GB/T 9704-2012: A4, 版心156×225 mm, 22 lines of 28 characters, fonts, page numbers.

Lengths are in twips (1/20 pt); 1 mm is 56.69 twips. Fonts are named for East Asian text, with the names other systems know
them by in the font table; a font that is missing changes the look, never the layout: lines have an exact height.
"""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any, Final

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from qiguan.publication.render.word_xml import NAMESPACE, paragraph, safe_text

PAGE: Final = (11906, 16838)  # 210 × 297 mm
TOP, LEFT, RIGHT, BOTTOM = 2098, 1587, 1474, 1984  # 37, 28, 26, 35 mm: 版心 156 × 225 mm
WIDTH: Final = PAGE[0] - LEFT - RIGHT  # 8845
LINE: Final = 579  # 22 × 579 = 12,738 twips of 12,756
CHARACTER: Final = 315  # 28 × 315.8 = 8,843 twips of 8,845
CHARACTER_SPACE: Final = -862  # 1/4096 pt off 16 pt: 28 characters take 442.1 pt of the 442.25 pt of a line
PITCH: Final = -5  # twips off each character of 16 pt: 28 × 15.75 pt = 441 pt, the same in programs that know no character grid
FOOTER: Final = 1446  # 25.5 mm from the paper's edge: the dashes stand 7 mm under the 版心
RED: Final = "FF0000"

XIAOBIAOSONG, FANGSONG, HEITI, KAITI, SONGTI = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
ALSO_CALLED: Final = {
    XIAOBIAOSONG: "方正小标宋_GBK,华文中宋,STZhongsong,Noto Serif CJK SC,宋体",
    FANGSONG: "仿宋,FangSong,华文仿宋,STFangsong,Noto Serif CJK SC",
    HEITI: "SimHei,华文黑体,STHeiti,Noto Sans CJK SC",
    KAITI: "楷体,KaiTi,华文楷体,STKaiti,Noto Serif CJK SC",
    SONGTI: "SimSun,华文宋体,STSong,Noto Serif CJK SC",
}
_LATIN: Final = "Times New Roman"

# style id → (name, East Asian font, half points, paragraph properties); indents by characters, so that they follow the grid
_EXACT = f'<w:spacing w:before="0" w:after="0" w:line="{LINE}" w:lineRule="exact"/>'
_INDENT = '<w:ind w:firstLineChars="200" w:firstLine="632"/>'
STYLES: Final = {
    "GWBody": ("公文正文", FANGSONG, 32, f"{_EXACT}{_INDENT}<w:jc w:val='both'/>"),
    "GWHeading": ("公文一级标题", HEITI, 32, f"<w:keepNext/>{_EXACT}{_INDENT}<w:outlineLvl w:val='0'/>"),
    "GWSubheading": ("公文二级标题", KAITI, 32, f"<w:keepNext/>{_EXACT}{_INDENT}<w:outlineLvl w:val='1'/>"),
    "GWPlain": ("公文顶格", FANGSONG, 32, _EXACT),
    "GWTitle": ("公文标题", XIAOBIAOSONG, 44, '<w:keepNext/><w:spacing w:line="680" w:lineRule="exact"/><w:jc w:val="center"/>'),
    "GWNumber": ("发文字号", FANGSONG, 32, f"{_EXACT}<w:jc w:val='center'/>"),
    "GWAnnex": ("附件序号", HEITI, 32, f"<w:keepNext/>{_EXACT}"),
    "GWColophon": ("版记", FANGSONG, 28, '<w:spacing w:line="480" w:lineRule="exact"/>'),
    "GWPage": ("公文页码", SONGTI, 28, '<w:spacing w:line="280" w:lineRule="exact"/>'),
    "GWCell": ("表格内容", FANGSONG, 18, '<w:spacing w:line="260" w:lineRule="exact"/>'),
    "GWCellHead": ("表格表头", HEITI, 18, '<w:keepNext/><w:spacing w:line="260" w:lineRule="exact"/><w:jc w:val="center"/>'),
    "GWList": ("清单内容", FANGSONG, 24, '<w:spacing w:line="400" w:lineRule="exact"/>'),
    "GWListHead": ("清单表头", HEITI, 24, '<w:keepNext/><w:spacing w:line="400" w:lineRule="exact"/><w:jc w:val="center"/>'),
    "GWForm": ("表单内容", FANGSONG, 28, '<w:spacing w:line="460" w:lineRule="exact"/>'),
}  # fmt: skip


def new_document(*, title: str, day: date) -> Any:
    """Return an empty python-docx document with the official page; `day` becomes its date, nobody its author."""
    document = Document()
    styles = document.styles.element
    for child in list(styles):
        styles.remove(child)
    for child in parse_xml(_styles_xml()):
        styles.append(child)
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "", safe_text(title)[:200], ""
    properties.created = properties.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001  the file states a day
    _section(document)
    _settings(document)
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = _font_table().encode()
    return document


def to_bytes(document: Any, body: str = "") -> bytes:
    """Return the file, the same bytes for the same document: the archive's times are fixed.

    `body` is WordprocessingML that goes before the last section's properties as it is: parsing a table of 5,000 rows and
    moving it into the document's tree takes minutes.
    """
    raw, out = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for info in source.infolist():
            if info.filename != "docProps/thumbnail.jpeg":
                content = source.read(info)
                if info.filename == "_rels/.rels":
                    content = _without_thumbnail(content)
                if info.filename == "word/document.xml" and body:
                    end = content.rindex(b"<w:sectPr")
                    content = content[:end] + body.encode() + content[end:]
                target.writestr(zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _without_thumbnail(relations: bytes) -> bytes:
    root: Any = parse_xml(relations)
    for relation in list(root):
        if "thumbnail" in relation.get("Type", ""):
            root.remove(relation)
    return bytes(_serialised(root))


def _serialised(root: Any) -> bytes:
    from lxml import etree

    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)  # type: ignore[no-any-return]


def fonts(east_asian: str) -> str:
    """Name a font for East Asian text, beside the Latin one."""
    return f'<w:rFonts w:ascii="{_LATIN}" w:hAnsi="{_LATIN}" w:cs="{_LATIN}" w:eastAsia="{east_asian}" w:hint="eastAsia"/>'


def _styles_xml() -> str:
    made = [
        f"<w:docDefaults><w:rPrDefault><w:rPr>{fonts(FANGSONG)}<w:sz w:val='32'/><w:szCs w:val='32'/>"
        "<w:lang w:val='zh-CN' w:eastAsia='zh-CN'/></w:rPr></w:rPrDefault>"
        "<w:pPrDefault><w:pPr><w:autoSpaceDE w:val='0'/><w:autoSpaceDN w:val='0'/></w:pPr></w:pPrDefault></w:docDefaults>"
        "<w:style w:type='paragraph' w:default='1' w:styleId='Normal'><w:name w:val='Normal'/><w:rPr><w:sz w:val='32'/><w:szCs w:val='32'/></w:rPr></w:style>"
        "<w:style w:type='table' w:default='1' w:styleId='TableNormal'><w:name w:val='Normal Table'/><w:tblPr>"
        "<w:tblCellMar><w:left w:w='40' w:type='dxa'/><w:right w:w='40' w:type='dxa'/></w:tblCellMar></w:tblPr></w:style>"
    ]
    for code, (name, font, size, paragraph_properties) in STYLES.items():
        made.append(
            f"<w:style w:type='paragraph' w:customStyle='1' w:styleId='{code}'><w:name w:val='{name}'/><w:basedOn w:val='Normal'/>"
            f"<w:qFormat/><w:pPr>{_ordered(paragraph_properties)}</w:pPr>"
            f"<w:rPr>{fonts(font)}<w:spacing w:val='{PITCH if size == 32 else 0}'/><w:sz w:val='{size}'/><w:szCs w:val='{size}'/></w:rPr></w:style>"
        )
    return f"<w:styles {NAMESPACE}>{''.join(made)}</w:styles>"


def _ordered(properties: str) -> str:
    """Put 'not snapped to the grid' where the schema wants it: pitch and line height are the style's own, in every program."""
    keep, rest = (
        ("<w:keepNext/>", properties.removeprefix("<w:keepNext/>"))
        if properties.startswith("<w:keepNext/>")
        else ("", properties)
    )
    return f"{keep}<w:snapToGrid w:val='0'/>{rest}"


def _section(document: Any) -> None:
    section = document.sections[0]
    properties = section._sectPr
    for child in list(properties):
        properties.remove(child)
    for child in parse_xml(
        f"<w:sectPr {NAMESPACE}><w:pgSz w:w='{PAGE[0]}' w:h='{PAGE[1]}'/>"
        f"<w:pgMar w:top='{TOP}' w:right='{RIGHT}' w:bottom='{BOTTOM}' w:left='{LEFT}' w:header='851' w:footer='{FOOTER}' w:gutter='0'/>"
        f"<w:docGrid w:type='linesAndChars' w:linePitch='{LINE}' w:charSpace='{CHARACTER_SPACE}'/></w:sectPr>"
    ):
        properties.append(child)
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side, indent in (
        (section.footer, "right", "<w:ind w:rightChars='100' w:right='280'/>"),
        (section.even_page_footer, "left", "<w:ind w:leftChars='100' w:left='280'/>"),
    ):
        footer.is_linked_to_previous = False
        for old in list(footer._element):
            footer._element.remove(old)
        run = f"<w:rPr>{fonts(SONGTI)}<w:sz w:val='28'/></w:rPr>"
        number = f"<w:fldSimple w:instr=' PAGE '><w:r>{run}<w:t>1</w:t></w:r></w:fldSimple>"
        dash = f"<w:r>{run}<w:t xml:space='preserve'>%s</w:t></w:r>"
        block = paragraph("GWPage", raw=dash % "— " + number + dash % " —", properties=f"{indent}<w:jc w:val='{side}'/>")
        footer._element.append(parse_xml(block.replace("<w:p>", f"<w:p {NAMESPACE}>", 1)))


def _settings(document: Any) -> None:
    settings = document.settings.element
    for name in ("w:compat", "w:characterSpacingControl"):
        for old in settings.findall(qn(name)):
            settings.remove(old)
    spacing, compat = parse_xml(
        f"<w:settings {NAMESPACE}><w:characterSpacingControl w:val='doNotCompress'/><w:compat><w:compatSetting w:name='compatibilityMode'"
        " w:uri='http://schemas.microsoft.com/office/word' w:val='15'/></w:compat></w:settings>"
    )
    after = next(
        (n for n in ("w:docVars", "w:rsids", "w:themeFontLang", "w:clrSchemeMapping") if settings.find(qn(n)) is not None), None
    )
    where = settings.find(qn(after)) if after else None
    for element in (spacing, compat):
        settings.append(element) if where is None else where.addprevious(element)


def _font_table() -> str:
    rows = "".join(
        f"<w:font w:name='{name}'><w:altName w:val='{also}'/><w:charset w:val='86'/></w:font>"
        for name, also in ALSO_CALLED.items()
    )
    return f"<?xml version='1.0' encoding='UTF-8' standalone='yes'?><w:fonts {NAMESPACE}>{rows}</w:fonts>"
