"""GeoReport v2 as values: services and requests in the shapes of Open311, as JSON and as XML. Only what is public is in them.

Specification: https://wiki.open311.org/GeoReport_v2/ (status open | closed; RFC 3339 times; a root element for each XML list).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from qiguan.core.errors import QiguanError
from qiguan.core.reply_clock import Kind
from qiguan.dialogue.models import Message, Reply
from qiguan.ui.dates import SHANGHAI

Row = Mapping[str, Any]
KINDS = (Kind.ENQUIRY, Kind.HELP, Kind.CORRECTION, Kind.SUGGESTION)  # a complaint has its own way and is in no list


def service_rows() -> list[Row]:
    """The kinds of messages as services."""
    return [
        {
            "service_code": kind.value, "service_name": kind.word, "description": f"{kind.word}：写给一个单位，凭查询码看答复", "metadata": True,
            "type": "realtime", "keywords": kind.word, "group": "留言",
        }
        for kind in KINDS
    ]  # fmt: skip


def definition_row(kind: Kind, organs: Sequence[tuple[str, str]]) -> Row:
    """What a request of a kind may carry beside the standard fields: the unit it is written to."""
    values = [{"key": key, "name": name} for key, name in organs]
    attribute = {
        "variable": True, "code": "organ", "datatype": "singlevaluelist", "required": False, "datatype_description": "单位的编号；不填就写给本级政府", "order": 1,
        "description": "写给哪个单位", "values": values,
    }  # fmt: skip
    return {"service_code": kind.value, "attributes": [attribute]}


def request_row(message: Message) -> Row:
    """A message as the public may see it: the fact; the text and the answer only where the writer agreed and a person released it."""
    released = message.released_at is not None and message.consented_at is not None
    answers = message.replies.filter(state=Reply.State.SENT).order_by("pk") if released else []
    updated = message.answered_at or message.received_at
    return {
        "service_request_id": message.public_id, "status": "closed" if message.state == Message.State.ANSWERED else "open",
        "status_notes": "\n\n".join(reply.text for reply in answers), "service_name": message.get_kind_display(), "service_code": message.kind,
        "description": message.public_text if released else "", "agency_responsible": (message.handler or message.organ).name, "service_notice": "",
        "requested_datetime": _time(message.received_at), "updated_datetime": _time(updated),
        "expected_datetime": f"{message.due_on}T23:59:59+08:00" if message.due_on else "", "address": "", "address_id": "", "zipcode": "", "lat": "", "long": "",
        "media_url": "",
    }  # fmt: skip


def error_rows(error: QiguanError, status: int) -> list[Row]:
    """An error in the shape of GeoReport."""
    return [{"code": str(status), "description": str(error)}]


def as_json(rows: Sequence[Row] | Row) -> bytes:
    """Write rows as JSON."""
    return json.dumps(rows, ensure_ascii=False).encode()


def as_xml(root: str, item: str, rows: Sequence[Row] | Row) -> bytes:
    """Write rows as XML: `root` holds one `item` a row."""
    if isinstance(rows, Mapping):
        return f'<?xml version="1.0" encoding="utf-8"?>\n<{root}>{_fields(rows)}</{root}>'.encode()
    body = "".join(f"<{item}>{_fields(row)}</{item}>" for row in rows)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root}>{body}</{root}>'.encode()


def _fields(row: Row) -> str:
    return "".join(f"<{key}>{_value(key, value)}</{key}>" for key, value in row.items())


def _value(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        one = key[:-1]
        return "".join(f"<{one}>{_fields(row)}</{one}>" for row in value)
    return escape("".join(c for c in str(value) if c in "\t\n\r" or c >= " "))


def _time(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")
