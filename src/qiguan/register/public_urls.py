"""Addresses of the register for citizens, at the root."""

from __future__ import annotations

from django.urls import path

from qiguan.register.public import lookup

urlpatterns = [path("", lookup, name="lookup")]
