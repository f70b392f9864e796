"""Addresses of qiguan.inspection for officials, under /office/."""

from __future__ import annotations

from django.urls import path

from qiguan.inspection.views.account import account
from qiguan.inspection.views.accounts import accounts, coverage, silence
from qiguan.inspection.views.leader import leader_inside
from qiguan.inspection.views.local_packs import local_pack_new, pack_document
from qiguan.inspection.views.overview import overview
from qiguan.inspection.views.rules import calendar, rules
from qiguan.inspection.views.warnings import warnings

urlpatterns = [
    path("overview/", overview, name="overview"),
    path("accounts/", accounts, name="accounts"),
    path("accounts/<str:public_id>/", account, name="account"),
    path("warnings/", warnings, name="warnings"),
    path("leader/<str:public_id>/", leader_inside, name="leader_inside"),
    path("rules/", rules, name="rules"),
    path("rules/packs/new/", local_pack_new, name="local_pack_new"),
    path("rules/packs/<str:public_id>/document/", pack_document, name="pack_document"),
    path("calendar/", calendar, name="calendar"),
    path("silence/", silence, name="silence"),
    path("coverage/", coverage, name="coverage"),
]
