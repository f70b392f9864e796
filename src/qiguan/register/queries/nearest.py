"""The three accounts nearest to a new one: whoever asks to open must say why these will not do."""

from __future__ import annotations

from django.db.models import Count

from qiguan.core.platforms import name_key
from qiguan.people.models import Organ, within
from qiguan.register.models import Account, AccountGram


def nearest_accounts(name: str, organ: Organ | None, most: int = 3) -> list[Account]:
    """Return the owner's own accounts first, then those most alike by name in its place."""
    live = Account.objects.exclude(status=Account.Status.CLOSED).select_related("owner")
    found = list(live.filter(owner=organ)[:most]) if organ is not None else []
    key = name_key(name)
    pieces = [key[i : i + 2] for i in range(len(key) - 1)][:12]
    if len(found) < most and pieces:
        near = live.exclude(pk__in=[a.pk for a in found])
        if organ is not None and organ.parent is not None:
            near = near.filter(within("owner_path", organ.parent.path))
        hits = (
            AccountGram.objects.filter(gram__in=pieces, account__in=near)
            .values("account_id")
            .annotate(n=Count("gram"))
            .order_by("-n")[: most - len(found)]
        )
        found += [near.get(pk=row["account_id"]) for row in hits]
    return found
