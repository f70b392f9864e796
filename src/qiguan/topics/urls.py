"""Addresses of 群众点题 for officials, under /office/."""

from __future__ import annotations

from django.urls import path

from qiguan.topics.views import columns, requests

urlpatterns = [
    path("topics/", requests.topic_requests, name="topic_requests"),
    path("topics/given/", requests.contributions, name="topic_contributions"),
    path("topics/kits/", columns.kits, name="topic_kits"),
    path("topics/kits/<str:code>/", columns.kit, name="topic_kit"),
    path("topics/pool/", columns.pool, name="topic_pool"),
    path("topics/supply/", columns.supply, name="topic_supply"),
    path("topics/solicit/<str:public_id>/", columns.solicit, name="topic_solicit"),
    path("topics/<str:public_id>/", requests.topic_request, name="topic_request"),
]
