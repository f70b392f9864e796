"""Django app of qiguan.inspection."""

from django.apps import AppConfig


class InspectionConfig(AppConfig):
    name = "qiguan.inspection"
    label = "inspection"
    default_auto_field = "django.db.models.BigAutoField"
