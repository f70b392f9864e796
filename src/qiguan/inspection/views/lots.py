"""抽签: the numbered list that a round draws from and its lots, as a page and as CSV: enough for anyone to redo the draw."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from qiguan.core.register_rows import safe_cell
from qiguan.core.sampling import RULE, share_of, ticket
from qiguan.inspection.models import Round, RoundAccount
from qiguan.inspection.queries.rounds import lots_of
from qiguan.inspection.views.rounds import seen_round, tabs_of
from qiguan.jobs import clock
from qiguan.people.models import Role
from qiguan.people.queries import has_role

HEADER = ["序号", "编号", "账号", "平台", "主办单位", "签：SHA-256（号码|编号）", "抽中"]


def _drawn_round(request: HttpRequest, public_id: str) -> Round:
    round_ = seen_round(request, public_id)
    if round_.sort != Round.Sort.DRAWN:
        raise Http404
    return round_


@login_required
def round_lot(request: HttpRequest, public_id: str) -> HttpResponse:
    """The list, page by page, with each lot once the number is known."""
    round_ = _drawn_round(request, public_id)
    lots = lots_of(round_)
    drawn = lots.filter(why=RoundAccount.Why.DRAWN)
    only = request.GET.get("drawn") == "1"
    page = Paginator(drawn if only else lots, 100).get_page(request.GET.get("page"))
    total = lots.count()
    context = {
        "round": round_, "tabs": tabs_of(round_, "round_lot"), "rule": RULE, "page_obj": page, "only": only, "total": total,
        "rows": [(line, ticket(round_.seed, line.public_id) if round_.seed else "") for line in page],
        "count": share_of(total, percent=round_.percent), "drawn": drawn.count(), "at": clock.now(),
        "may": has_role(request.user, Role.SUPERVISOR, organ=round_.organ),
    }  # fmt: skip
    return render(request, "inspection/round_lot.html", context)


class _Echo:
    """A file that hands back what is written: rows stream out one by one."""

    def write(self, text: str) -> str:
        """Return the line."""
        return text


@login_required
def round_lot_csv(request: HttpRequest, public_id: str) -> StreamingHttpResponse:
    """The whole list in its order with every lot, as CSV."""
    round_ = _drawn_round(request, public_id)

    def lines() -> Iterator[str]:
        sheet = csv.writer(_Echo())
        yield "\ufeff" + str(sheet.writerow(HEADER))
        for nth, line in enumerate(lots_of(round_).iterator(chunk_size=2000), start=1):
            lot = ticket(round_.seed, line.public_id) if round_.seed else ""
            drawn = "是" if line.why == RoundAccount.Why.DRAWN else ""
            yield str(
                sheet.writerow(
                    [nth, line.public_id, safe_cell(line.name), line.platform_word, safe_cell(line.owner_name), lot, drawn]
                )
            )

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="lot-{round_.public_id}.csv"'
    return answer
