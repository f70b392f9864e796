"""Django app of qiguan.config: commands, schedule, navigation."""

import gc

from django.apps import AppConfig

_YOUNG, _OLDER = 10_000, 20  # objects before the collector looks, and looks before it looks further; CPython's own are 700 and 10


class ConfigConfig(AppConfig):
    name = "qiguan.config"
    label = "config"

    def ready(self) -> None:
        """Register the checks, and tell the lower apps what stands beside their pages: only config knows every app."""
        from qiguan.config import checks  # noqa: F401  registers them
        from qiguan.inspection import beside
        from qiguan.inspection.queries.waiting import accounts_waiting
        from qiguan.people.outbox.waiting import deliveries_waiting
        from qiguan.people.waiting.sections import OFFERS
        from qiguan.publication.queries import beside as publication
        from qiguan.rectification import beside as tickets
        from qiguan.rectification.queries import beside as rectification
        from qiguan.rectification.queries.waiting import tickets_waiting
        from qiguan.register.queries.waiting import custody_waiting, filings_waiting

        tickets.OFFERS[:] = [publication.papers_of_ticket]
        beside.OFFERS[:] = [rectification.links_beside, publication.links_beside]
        OFFERS[:] = [tickets_waiting, accounts_waiting, filings_waiting, custody_waiting, deliveries_waiting]
        gc.freeze()  # the code that is loaded now stays: walking through it again and again was an eighth of a polling round
        gc.set_threshold(_YOUNG, _OLDER, _OLDER)
