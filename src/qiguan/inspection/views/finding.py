"""One finding with its frozen evidence and stored copies; entering what only a person can find, with proof."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.archive.actions import read_blob, store_blob
from qiguan.archive.models import Blob
from qiguan.archive.uploads import read_upload
from qiguan.collection.actions.screenshots import without_exif
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.rule import Weight, all_rules
from qiguan.inspection.actions.findings import add_finding
from qiguan.inspection.models import Finding, Round
from qiguan.inspection.queries.findings import others_of, seen_of
from qiguan.inspection.queries.rounds import looked_at, verdicts_seen_by
from qiguan.inspection.views.findings import OPEN, REASONS, may_decide_own
from qiguan.inspection.views.rounds import seen_round
from qiguan.jobs import clock
from qiguan.people.models import Role
from qiguan.people.queries import demand_role, has_role, official

_PAGES = {".html": "text/html", ".htm": "text/html", ".mhtml": "multipart/related", ".pdf": "application/pdf"}
_PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"}


def _seen(request: HttpRequest, public_id: str) -> Finding:
    found = Finding.objects.visible_to(request.user).select_related(
        "round__organ__parent", "line", "account", "merged_into", "found_by", "decided_by"
    )
    return get_object_or_404(found, public_id=public_id)


@login_required
def round_finding(request: HttpRequest, public_id: str) -> HttpResponse:
    """One finding: what, by which rule, what was seen when by which hand, and what a person made of it."""
    finding = _seen(request, public_id)
    round_ = finding.round
    may = has_role(request.user, Role.SUPERVISOR, organ=round_.organ) and round_.stage in OPEN
    waits = finding.state == Finding.State.SUSPECTED
    held = may and finding.line.own and not may_decide_own(request.user, round_)
    rule = all_rules().get(finding.rule)
    following = round_.findings.filter(state=Finding.State.SUSPECTED, pk__gt=finding.pk).order_by("pk").first() if may else None
    context = {
        "finding": finding, "round": round_, "line": finding.line, "rule": rule, "seen": seen_of(finding.evidence), "held": held,
        "may_decide": may and waits and not held, "may_reopen": may and not waits and not held, "others": others_of(finding) if may else [],
        "following": following, "reasons": REASONS, "typed": request.GET.get("reason", ""), "back": request.path, "at": clock.now(),
        "sees_round": has_role(request.user, Role.SUPERVISOR, Role.AUDITOR, organ=round_.organ),
    }  # fmt: skip
    return render(request, "inspection/finding.html", context)


@login_required
def finding_proof(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """The stored copy behind one piece of a finding's evidence, as an attachment."""
    return _copy(_seen(request, public_id).evidence, number)


@login_required
def verdict_proof(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """The stored copy behind one piece of a verdict's evidence."""
    return _copy(get_object_or_404(verdicts_seen_by(request.user), public_id=public_id).evidence, number)


def _copy(evidence: list[dict[str, Any]], number: int) -> HttpResponse:
    """Serve what an outsider wrote as bytes to save, never as a page of ours."""
    seen = seen_of(evidence)
    if not (0 <= number < len(seen) and seen[number].digest):
        raise Http404
    digest = seen[number].digest
    kept = Blob.objects.filter(pk=digest).first()
    try:
        if kept is None:
            raise FileNotFoundError(digest)
        data = read_blob(digest)
    except (OSError, ValueError) as error:
        raise UnusableInput(
            "留存的原件读不到了，或与指纹不符", place=digest, remedy="请联系管理员从备份恢复；结论和指纹不受影响"
        ) from error
    ending = {"image/jpeg": "jpg", "text/html": "html", "application/pdf": "pdf"}.get(kept.media_type, "bin")
    answer = HttpResponse(data, content_type="image/jpeg" if ending == "jpg" else "application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="evidence-{digest[-12:]}.{ending}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


class HumanFindingForm(forms.Form):
    """What a person found. The proof is a picture (drawn anew, so that no place stays in it) or a saved page."""

    account = forms.CharField(label="账号", max_length=200, help_text="账号名称或账号ID，要和检查对象里的一样")
    rule = forms.ChoiceField(label="哪条规则")
    because = forms.CharField(
        label="看到什么", max_length=600, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="时间、在哪里、看到什么；不写人名。会原样成为证据",
    )  # fmt: skip
    proof = forms.FileField(label="证据", help_text="截图（JPG、PNG），或保存的网页、PDF，15MB以内。不得上传涉密和工作秘密内容。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ranked = sorted(all_rules().values(), key=lambda r: (r.weight is not Weight.VETO, r.code))
        self.fields["rule"].choices = [(r.code, f"{r.title_zh}（{r.weight}）") for r in ranked]  # type: ignore[attr-defined]


@login_required
def finding_new(request: HttpRequest, public_id: str) -> HttpResponse:
    """Enter what a person found in a round that is open."""
    round_, user = seen_round(request, public_id), official(request)
    demand_role(user, Role.SUPERVISOR, organ=round_.organ)
    form = HumanFindingForm(
        request.POST or None, request.FILES or None, initial={"account": request.GET.get("account", "")[:200]}
    )
    if request.method == "POST" and form.is_valid():
        try:
            finding = _entered(request, round_, form)
            messages.success(request, f"已记入“{finding.title}”，请研判")
            return redirect("round_finding", public_id=finding.public_id)
        except QiguanError as error:
            form.add_error(_FIELDS.get(error.place), f"{error.message}。{error.remedy}")
    context = {"form": form, "round": round_, "open": round_.stage in OPEN}
    return render(request, "inspection/finding_new.html", context, status=400 if form.errors else 200)


_FIELDS = {"账号": "account", "规则": "rule", "证据": "proof", "截图": "proof", "proof": "proof"}


def _entered(request: HttpRequest, round_: Round, form: HumanFindingForm) -> Finding:
    at, said = clock.now(), form.cleaned_data
    words = said["account"].strip()
    lines = looked_at(round_)
    found = list(lines.filter(public_id=words)[:1] or lines.filter(platform_id=words)[:2] or lines.filter(name=words)[:2])
    if not found:
        raise QiguanError(f"检查对象里没有“{words[:40]}”", place="账号", remedy="请照检查对象里的名称或账号ID填")
    if len(found) > 1:
        raise QiguanError(f"有不止一个账号叫“{words[:40]}”", place="账号", remedy="请填账号ID")
    name, data = read_upload(request, "proof")
    kind, data = _proof(name, data)
    blob = store_blob(data=data, media_type=kind, at=at, keep_until=at)  # kept for ever once the finding cites it
    return add_finding(line=found[0], rule=said["rule"], because=said["because"], proof=blob, by=official(request), at=at)


def _proof(name: str, data: bytes) -> tuple[str, bytes]:
    """Return media type and bytes to keep. Raises UnusableInput for any other sort of file."""
    ending = "." + name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending in _PICTURES:
        return "image/jpeg", without_exif(data)
    if ending in _PAGES and len(data) <= 15 * 1024 * 1024:
        return _PAGES[ending], data
    raise UnusableInput(f"“{name[:60]}”不能作证据", place="证据", remedy="请传截图、保存的网页或PDF，15MB以内")
