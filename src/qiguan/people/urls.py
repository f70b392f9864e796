"""Addresses of qiguan.people for officials, under /office/; the auditor's page itself stands in config, which gives it its sections."""

from __future__ import annotations

from django.urls import path

from qiguan.people.audit.views import erasures
from qiguan.people.views import audit_sample
from qiguan.people.waiting.views import waiting

urlpatterns = [
    path("audit/sample/", audit_sample, name="audit_sample"),
    path("audit/erasures/", erasures, name="erasures"),
    path("waiting/", waiting, name="waiting"),
]
