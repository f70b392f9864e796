"""Actions in words, for the auditor's page. A test demands a word for every action that the product records."""

from __future__ import annotations

ACTION_WORDS = {
    "add_finding": "登记问题",
    "add_local_pack": "添加本地规则包",
    "add_notice_target": "添加接收方式",
    "add_source": "添加采集源",
    "add_user": "新建登录账户",
    "add_window_item": "添加窗口体检项",
    "answer_reply": "答复单位意见",
    "answer_row": "答复导入行",
    "apply_file": "导入登记表",
    "approve_filing": "同意备案",
    "assign_staff": "指定运营人员",
    "authorise_wechat": "填写微信授权",
    "change_source": "改采集源",
    "close_return": "结束报送",
    "close_round": "结束人工核查",
    "confirm_unchanged": "确认报送无变化",
    "correct_file": "更正导入的读法",
    "correct_verdict": "更正判定",
    "decide_as_leader": "分管负责人决定",
    "draft_bulletin": "起草通报",
    "draw_round": "抽取检查范围",
    "edit_bulletin": "改通报",
    "end_organ": "撤并单位",
    "end_staff": "解除运营人员",
    "erase_from_audit": "抹除操作记录中的个人信息",
    "explain_missing": "说明未报原因",
    "export_audit": "导出操作记录",
    "export_evidence": "导出证据包",
    "export_register": "导出登记表",
    "found_organ": "新设单位",
    "found_organs": "按登记表新设单位",
    "give_up_document_template": "换回文书版式",
    "hand_over": "移交账号保管",
    "issue_push_key": "发放推送密钥",
    "keep_wechat_component": "设置微信第三方平台",
    "leave_sheet": "跳过工作表",
    "move_organ": "调整隶属",
    "note_look": "记下90天回看",
    "open_contacts": "查看联系方式",
    "open_return": "发起报送",
    "open_tickets": "发出整改通知",
    "ask_again": "未能判定的再判一次",
    "open_round": "发起人工核查或检查批次",
    "publish_bulletin": "发布通报",
    "queue_warnings": "发出提醒",
    "read_file": "读取导入文件",
    "receive_export": "收下上传的内容列表",
    "receive_file": "收下登记表",
    "record_check": "记录人工核查",
    "record_finding": "登记人工发现",
    "refuse_authorisation": "拒绝授权",
    "remove_notice_target": "移除接收方式",
    "remove_window_item": "移除窗口体检项",
    "rename_organ": "单位更名",
    "reopen_finding": "重开问题",
    "reply_to_bulletin": "对通报提意见",
    "replace_document_template": "换用本单位文书模板",
    "request_authorisation": "请求授权",
    "return_filing": "退回备案",
    "revoke_credential": "撤销采集授权",
    "set_staffing": "填写人员配备",
    "set_working_day": "改工作日历",
    "settle_round": "结束检查轮次",
    "split_organ": "单位分设",
    "split_up_organ": "单位拆分",
    "stop_wechat_component": "停用微信第三方平台",
    "submit_filing": "提交备案",
    "undo_file": "撤销导入",
    "use_pack": "选用规则包",
    "verify_audit": "核验操作记录链",
}
_BEGINNINGS = {"finding_": "处理问题", "bulletin_": "通报流转", "ticket_": "办理整改", "export_": "导出"}


def action_word(action: str) -> str:
    """Return the word of an action; the action's own name where it has none yet."""
    return ACTION_WORDS.get(action) or next((word for name, word in _BEGINNINGS.items() if action.startswith(name)), action)


def action_choices() -> list[tuple[str, str]]:
    """Return the actions for a form: all, all exports, then each by its word."""
    return [("", "全部操作"), ("export_", "各类导出"), *sorted(ACTION_WORDS.items(), key=lambda pair: pair[1])]
