"""Addresses of the human round."""

from __future__ import annotations

from django.urls import path

from qiguan.collection.views import check_offline, check_sheets, check_work, checks

check_urls = [
    path("check/", checks.rounds, name="check"),
    path("check/worker.js", check_offline.service_worker, name="check_worker"),
    path("check/shot/<str:public_id>/", checks.shot, name="check_shot"),
    path("check/<str:public_id>/", checks.check_round, name="check_round"),
    path("check/<str:public_id>/work/", check_work.work, name="check_work"),
    path("check/<str:public_id>/batch/", check_offline.batch, name="check_batch"),
    path("check/<str:public_id>/sync/", check_offline.sync, name="check_sync"),
    path("check/<str:public_id>/leave/", check_work.leave, name="check_leave"),
    path("check/<str:public_id>/lot/", checks.lot, name="check_lot"),
    path("check/<str:public_id>/sheet/", check_sheets.sheet, name="check_sheet"),
]
