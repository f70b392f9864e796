"""Django app of qiguan.config: commands, schedule, navigation."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "qiguan.config"
    label = "config"

    def ready(self) -> None:
        """Register the checks, and tell the lower apps what stands beside their pages: only config knows every app."""
        from qiguan.config import checks  # noqa: F401  registers them
        from qiguan.inspection import beside
        from qiguan.publication.queries import beside as publication
        from qiguan.rectification.queries import beside as rectification

        beside.OFFERS[:] = [rectification.links_beside, publication.links_beside]
