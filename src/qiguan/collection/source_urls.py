"""Addresses of sources."""

from __future__ import annotations

from django.urls import path

from qiguan.collection.views import credentials, given, sources, wechat

source_urls = [
    path("sources/", sources.sources, name="sources"),
    path("sources/new/", sources.source_new, name="source_new"),
    path("sources/keys/", credentials.source_keys, name="source_keys"),
    path("sources/upload/", given.source_upload, name="source_upload"),
    path("sources/wechat/", wechat.wechat_component, name="wechat_component"),
    path("sources/authorise/<str:public_id>/", wechat.wechat_request, name="wechat_request"),
    path("sources/<str:public_id>/", sources.source, name="source"),
]
