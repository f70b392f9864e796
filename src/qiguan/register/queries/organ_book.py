"""The organs a file names: by any name they ever bore, the sender's own first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from qiguan.core.platforms import name_key
from qiguan.people.models import Organ, OrganName

_STEMS = ("人民政府", "管理委员会", "管委会", "办事处", "政府")


@dataclass(frozen=True, slots=True)
class Named:
    """Who bears a name: `organ`; `rivals` bear it equally well; `outside` says that it stands outside the sender's subtree."""

    organ: Organ | None = None
    rivals: tuple[Organ, ...] = ()
    outside: bool = False


class OrganBook:
    """All organs, read once for a file."""

    def __init__(self, sender: Organ) -> None:
        self.sender = sender
        self.by_id: dict[int, Organ] = {o.pk: o for o in Organ.objects.all()}
        self._found: dict[str, Named] = {}
        self._bearers: dict[str, list[tuple[Organ, bool]]] = defaultdict(list)
        for organ in self.by_id.values():
            self._bearers[organ.name_key].append((organ, False))
        for organ_id, key in OrganName.objects.values_list("organ_id", "name_key"):
            self._bearers[key].append((self.by_id[organ_id], True))
        self._stems = sorted(
            ((_stem(o.name), o) for o in self.by_id.values() if o.sort == Organ.Sort.PLACE and self.holds(o)),
            key=lambda pair: (-len(pair[0]), pair[1].path),
        )

    def holds(self, organ: Organ) -> bool:
        """Say whether the organ lies in the sender's subtree."""
        return organ.path.startswith(self.sender.path)

    def named(self, name: str) -> Named:
        """Return who bears a name: within the sender's subtree before outside, present names before former, the living before the ended."""
        key = name_key(name)
        known = self._found.get(key)
        if known is None:
            ranked: dict[tuple[bool, bool, bool], dict[int, Organ]] = defaultdict(dict)
            for organ, former in self._bearers.get(key, ()):
                ranked[not self.holds(organ), former, organ.ended_on is not None][organ.pk] = organ
            if not ranked:
                return Named()
            best = min(ranked)
            first, *rest = sorted(ranked[best].values(), key=lambda o: o.path)
            known = self._found[key] = Named(first, tuple(rest), best[0])
        return known

    def find(self, name: str) -> Organ | None:
        """Return the organ of that name, present or former."""
        return self.named(name).organ

    def parent_for(self, name: str) -> Organ:
        """Return where an organ nobody knows would be founded: in the place its name begins with, else under the sender."""
        key = name_key(name)
        return next(
            (place for stem, place in self._stems if len(stem) >= 2 and key.startswith(stem) and key != stem), self.sender
        )

    def add(self, organ: Organ) -> None:
        """Take note of an organ founded since."""
        self.by_id[organ.pk] = organ
        self._bearers[organ.name_key].append((organ, False))
        self._found.pop(organ.name_key, None)


def _stem(name: str) -> str:
    """Return 南例县 of 南例县人民政府."""
    key = name_key(name)
    for end in _STEMS:
        if key.endswith(end):
            return key[: -len(end)]
    return key
