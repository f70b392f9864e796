"""Addresses of sources."""

from __future__ import annotations

from django.urls import path

from qiguan.collection.views import credentials, given, sources

source_urls = [
    path("sources/", sources.sources, name="sources"),
    path("sources/new/", sources.source_new, name="source_new"),
    path("sources/keys/", credentials.source_keys, name="source_keys"),
    path("sources/upload/", given.source_upload, name="source_upload"),
    path("sources/<str:public_id>/", sources.source, name="source"),
]
