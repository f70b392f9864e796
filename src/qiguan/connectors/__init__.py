"""Connectors: request out, bytes in, items out; one file a platform. Pure like the core."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import cast

from qiguan.core.errors import QiguanError
from qiguan.core.source import Connector


@cache
def all_connectors() -> Mapping[str, Connector]:
    """Load every connector of this package and of the entry points `qiguan.connectors`; a code used twice is an error."""
    modules = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    modules += [point.load() for point in entry_points(group="qiguan.connectors")]
    return gathered(modules)


def gathered(modules: Iterable[object]) -> Mapping[str, Connector]:
    """Return the connectors among modules by their code; modules without a code are parts of others."""
    found: dict[str, Connector] = {}
    for module in modules:
        code = getattr(module, "code", "")
        if not code:
            continue
        if code in found:
            raise ValueError(f"connector code {code} is used twice")
        found[code] = cast(Connector, module)
    return found


def connector(code: str) -> Connector:
    """Return a connector by its code; an unknown one raises QiguanError with the known ones."""
    known = all_connectors()
    if code not in known:
        raise QiguanError(f"没有“{code}”这种采集方式", place="采集方式", remedy="可用的有：" + "、".join(known))
    return known[code]
