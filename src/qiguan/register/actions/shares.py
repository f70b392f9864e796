"""An organ's share of a return: what it has sent, and which of its accounts are missing from it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from qiguan.people.models import Organ, within
from qiguan.register.models import Account, ReturnShare, SheetFile, SheetRow


def accounts_of(organ: Organ) -> QuerySet[Account]:
    """The accounts an organ reports: its own and those below it."""
    return Account.objects.filter(within("owner_path", organ.path)).exclude(status=Account.Status.CLOSED)


def note_share(*, file: SheetFile, at: datetime) -> None:
    """Note that the share's file has come, and ask about each account that none of its files names. Reasons given stay."""
    if file.share is None:
        return
    share = ReturnShare.objects.select_related("organ").get(pk=file.share.pk)
    rows = SheetRow.objects.filter(file__share=share, file__sent_at__gte=file.sent_at).exclude(file__state=SheetFile.State.UNDONE)
    named = {pk for pk in rows.values_list("account_id", flat=True) if pk is not None}
    earlier = {row["account"]: row.get("why", "") for row in share.unreported}
    missing = accounts_of(share.organ).exclude(pk__in=named).order_by("pk").values_list("public_id", "name")
    share.file, share.sent_at = file.part_of or file, at
    share.unreported = [{"account": key, "name": name, "why": earlier.get(key, "")} for key, name in missing]
    share.save(update_fields=["file", "sent_at", "unreported"])
