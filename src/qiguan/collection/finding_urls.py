"""Addresses of what people found, and of the window check."""

from __future__ import annotations

from django.urls import path

from qiguan.collection.views import findings, windows

finding_urls = [
    path("findings/proof/<str:public_id>/", findings.finding_proof, name="finding_proof"),
    path("findings/<str:public_id>/", findings.finding_new, name="finding_new"),
    path("window/<str:public_id>/", windows.account_window, name="account_window"),
]
