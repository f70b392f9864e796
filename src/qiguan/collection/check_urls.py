"""Addresses of the human round."""

from __future__ import annotations

from django.urls import path

from qiguan.collection.views import check_sheets, checks

check_urls = [
    path("check/", checks.rounds, name="check"),
    path("check/worker.js", checks.service_worker, name="check_worker"),
    path("check/<str:public_id>/", checks.check_round, name="check_round"),
    path("check/<str:public_id>/work/", checks.work, name="check_work"),
    path("check/<str:public_id>/batch/", checks.batch, name="check_batch"),
    path("check/<str:public_id>/sync/", checks.sync, name="check_sync"),
    path("check/<str:public_id>/leave/", checks.leave, name="check_leave"),
    path("check/<str:public_id>/sheet/", check_sheets.sheet, name="check_sheet"),
]
