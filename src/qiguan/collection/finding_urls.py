"""Addresses of what people found."""

from __future__ import annotations

from django.urls import path

from qiguan.collection.views import findings

finding_urls = [
    path("findings/proof/<str:public_id>/", findings.finding_proof, name="finding_proof"),
    path("findings/<str:public_id>/", findings.finding_new, name="finding_new"),
]
