"""What citizens of 示例市 wrote in the last days, by the product's own ways: asked, routed, answered, complained, held, made public."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from qiguan.config.demo.town import CITY
from qiguan.dialogue.actions.citizen import mark_answer, set_consent
from qiguan.dialogue.actions.desks import add_template, set_desk
from qiguan.dialogue.actions.keeping import release_message
from qiguan.dialogue.actions.replying import write_reply
from qiguan.dialogue.actions.sending import FORM, Draft, Entered, send_message
from qiguan.dialogue.models import Message
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.people.models import Organ, User

_SAID = (  # days ago, to, kind, text, consents
    (9, "示例市医疗保障局", "enquiry", "我妈在外省住院，回来报销要带哪些材料？八月出的院，在示例市参的保。", True),
    (4, "南例县商务局", "enquiry", "家电补贴的消费券过期了还能补领吗？九月一日领的，没用上。", False),
    (6, "南例县商务局", "correction", "公众号里写的便民市场地址是去年的，现在搬到河西了。", False),
    (3, CITY, "help", "小区门口的公交站牌倒了三天，公交司机有时不停站。", False),
    (2, CITY, "help", "下班回来水龙头没水，物业说是停水，可没有看到通知。学校门口的那一片也停。", False),
    (2, "南例县商务局", "complaint", "去窗口问补贴，工作人员态度恶劣，让我跑了三趟。", False),
    (1, CITY, "enquiry", "办居住证要排队吗？我的身份证号是11010519491231002X，帮我查一下。", False),
    (1, "南例县商务局", "suggestion", "能不能把县里招工的消息也登在公众号上，老人看不懂网站。", True),
)  # fmt: skip
_ANSWER = "可以报销。出院后带上：住院发票、费用清单、出院记录、社保卡、代办人证件，到任一医保窗口都能办；寄过来也行。"


def let_citizens_speak(organs: Mapping[str, Organ], users: Mapping[str, User], at: datetime) -> None:
    """Let the city answer by itself and fill it with a week of messages."""
    begun = at - timedelta(days=30)
    set_desk(organ=organs[CITY], mode="own", counter="示例市政务服务大厅3号窗口，工作日9:00至17:00", by=None, at=begun)
    text = "您好，您反映的事我们核实过了。情况是：……。接下来：……。还有不清楚的，请打本局电话。"
    add_template(organ=organs[CITY], title="一般答复", text=text, by=users["jianguan"], at=begun)
    for days, to, kind, words, consents in _SAID:
        when = at - timedelta(days=days)
        draft = Draft(kind=kind, text=words, organ=organs[to], consent=consents)
        key = make_form_key(what=FORM, now=at)
        send_message(draft=draft, form_key=key, visitor=f"demo {days} {kind}", at=when, now=at)
    draft = Draft(kind="help", text="没有智能手机，养老金的认证在哪里办？（七十一岁，打座机来问）", organ=organs[CITY])
    entered = Entered(way=Message.Way.PHONE, by=users["daitian"], where="政务服务大厅3号窗口的电话")
    send_message(
        draft=draft, form_key=make_form_key(what=FORM, now=at), visitor="", entered=entered, at=at - timedelta(hours=5), now=at
    )
    asked = Message.objects.get(organ=organs["示例市医疗保障局"])
    write_reply(message=asked, text=_ANSWER, by=users["jianguan"], at=at - timedelta(days=7))
    asked.refresh_from_db()
    mark_answer(message=asked, mark="yes", words="说得清楚", at=at - timedelta(days=6))
    set_consent(message=asked, given=True, at=at - timedelta(days=6))
    asked.refresh_from_db()
    release_message(message=asked, public_text=asked.text, by=users["jianguan"], at=at - timedelta(days=5))
