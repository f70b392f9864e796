"""Addresses of the examination at the root, without a log-in."""

from __future__ import annotations

from django.urls import path

from qiguan.examination.public.asking import exam_mine, exam_propose, exam_weigh
from qiguan.examination.public.marking import exam_code, exam_mark, exam_pressure, exam_thanks
from qiguan.examination.public.results import exam_results
from qiguan.examination.public.seasons import exam, exam_list, exam_paper, exam_questions, exams

urlpatterns = [
    path("exam/", exams, name="exams"),
    path("exam/mine/", exam_mine, name="exam_mine"),
    path("exam/papers/<str:public_id>/", exam_paper, name="exam_paper"),
    path("exam/papers/<str:public_id>/mark/", exam_mark, name="exam_mark"),
    path("exam/<str:public_id>/", exam, name="exam"),
    path("exam/<str:public_id>/propose/", exam_propose, name="exam_propose"),
    path("exam/<str:public_id>/weigh/", exam_weigh, name="exam_weigh"),
    path("exam/<str:public_id>/questions/", exam_questions, name="exam_questions"),
    path("exam/<str:public_id>/list.txt", exam_list, name="exam_list"),
    path("exam/<str:public_id>/code/", exam_code, name="exam_code"),
    path("exam/<str:public_id>/thanks/", exam_thanks, name="exam_thanks"),
    path("exam/<str:public_id>/pressure/", exam_pressure, name="exam_pressure"),
    path("exam/<str:public_id>/results/", exam_results, name="exam_results"),
]
