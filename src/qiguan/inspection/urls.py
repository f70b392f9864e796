"""Addresses of qiguan.inspection for officials, under /office/."""

from __future__ import annotations

from django.urls import path

from qiguan.inspection.views.account import account
from qiguan.inspection.views.accounts import accounts, coverage, silence
from qiguan.inspection.views.finding import finding_new, finding_proof, round_finding, verdict_proof
from qiguan.inspection.views.findings import round_decide, round_findings
from qiguan.inspection.views.leader import leader_inside
from qiguan.inspection.views.local_packs import local_pack_new, pack_document
from qiguan.inspection.views.lots import round_lot, round_lot_csv
from qiguan.inspection.views.overview import overview
from qiguan.inspection.views.rounds import (
    round_again,
    round_draw,
    round_judge,
    round_look,
    round_new,
    round_page,
    round_settle,
    rounds,
)
from qiguan.inspection.views.rules import calendar, rules
from qiguan.inspection.views.verdicts import round_compare, round_scope, round_verdict, round_verdicts
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
    path("rounds/", rounds, name="rounds"),
    path("rounds/new/", round_new, name="round_new"),
    path("rounds/findings/<str:public_id>/", round_finding, name="round_finding"),
    path("rounds/findings/<str:public_id>/proof/<int:number>/", finding_proof, name="round_finding_proof"),
    path("rounds/verdicts/<str:public_id>/", round_verdict, name="round_verdict"),
    path("rounds/verdicts/<str:public_id>/proof/<int:number>/", verdict_proof, name="round_verdict_proof"),
    path("rounds/<str:public_id>/", round_page, name="round"),
    path("rounds/<str:public_id>/draw/", round_draw, name="round_draw"),
    path("rounds/<str:public_id>/judge/", round_judge, name="round_judge"),
    path("rounds/<str:public_id>/look/", round_look, name="round_look"),
    path("rounds/<str:public_id>/again/", round_again, name="round_again"),
    path("rounds/<str:public_id>/settle/", round_settle, name="round_settle"),
    path("rounds/<str:public_id>/lot/", round_lot, name="round_lot"),
    path("rounds/<str:public_id>/lot.csv", round_lot_csv, name="round_lot_csv"),
    path("rounds/<str:public_id>/findings/", round_findings, name="round_findings"),
    path("rounds/<str:public_id>/findings/new/", finding_new, name="round_finding_new"),
    path("rounds/<str:public_id>/findings/decide/", round_decide, name="round_decide"),
    path("rounds/<str:public_id>/scope/", round_scope, name="round_scope"),
    path("rounds/<str:public_id>/compare/", round_compare, name="round_compare"),
    path("rounds/<str:public_id>/verdicts/", round_verdicts, name="round_verdicts"),
]
