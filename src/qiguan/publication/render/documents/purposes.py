"""What each document of the library is for, in one sentence for its page."""

from __future__ import annotations

from typing import Final

PURPOSES: Final = {
    "return_notice": "请各单位核对、补报账号，附已填好的表。",
    "authorisation_guide": "告诉主办单位怎么授权采集、授权了什么、怎么撤销。",
    "check_record": "人工逐个看账号时填，或把系统里记的打印存档。",
    "self_check": "主办单位每季度自己查一遍。",
    "rectification_notice": "把查实的问题、证据、期限和申诉办法通知主办单位。",
    "rectification_report": "主办单位报告原因、措施和结果。",
    "extension_request": "确实改不完的，申请延期一次。",
    "appeal": "认为结论有误的申诉，答复写在同一张上。",
    "opening_request": "新开账号前说明为什么要开、谁来办、什么时候关。",
    "filing_form": "登记、变更、关停、注销的备案。",
    "handover": "换人或移交账号时，逐项交接。",
    "closing_notice": "停更前向公众说明依据、日期和替代账号。",
    "draw_record": "抽查抽签的全过程，任何人都能重算。",
}
