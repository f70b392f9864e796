"""Addresses of qiguan.inspection for officials, under /office/."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
