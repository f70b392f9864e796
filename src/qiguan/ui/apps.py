"""Django app of qiguan.ui."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "qiguan.ui"
    label = "ui"
