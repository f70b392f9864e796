"""Addresses of the examination for officials, under /office/."""

from __future__ import annotations

from django.urls import path

from qiguan.examination.views.answering import season_answer
from qiguan.examination.views.letters import season_codes
from qiguan.examination.views.moderating import season_questions
from qiguan.examination.views.seasons import season, season_new, seasons
from qiguan.examination.views.typing import season_typing

urlpatterns = [
    path("exam/", seasons, name="seasons"),
    path("exam/new/", season_new, name="season_new"),
    path("exam/papers/<str:public_id>/", season_answer, name="season_answer"),
    path("exam/<str:public_id>/", season, name="season"),
    path("exam/<str:public_id>/questions/", season_questions, name="season_questions"),
    path("exam/<str:public_id>/letters/", season_codes, name="season_codes"),
    path("exam/<str:public_id>/typing/", season_typing, name="season_typing"),
]
