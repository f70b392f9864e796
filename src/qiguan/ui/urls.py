"""Addresses of the look, for config to include at the root."""

from __future__ import annotations

from django.urls import path

from qiguan.ui.views import set_look

urlpatterns = [path("look/", set_look, name="look")]
