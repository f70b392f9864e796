"""Addresses of 群众点题 for citizens, at the root."""

from __future__ import annotations

from django.urls import path

from qiguan.topics import public

urlpatterns = [
    path("topics/", public.topics, name="public_topics"),
    path("topics/of/", public.search, name="topic_board_of"),
    path("topics/of/<str:ref>/", public.board, name="topic_board"),
    path("topics/of/<str:ref>/sheet/", public.sheet, name="topic_sheet"),
    path("topics/of/<str:ref>/poster/", public.poster, name="topic_poster"),
    path("topics/ask/", public.ask, name="topic_ask"),
    path("topics/give/", public.give, name="topic_give"),
    path("topics/mine/", public.mine, name="topic_mine"),
    path("topics/<str:public_id>/", public.topic, name="public_topic"),
]
