"""Addresses of sources."""

from __future__ import annotations

from django.urls import path

from qiguan.collection.views import sources

source_urls = [
    path("sources/", sources.sources, name="sources"),
    path("sources/new/", sources.source_new, name="source_new"),
    path("sources/<str:public_id>/", sources.source, name="source"),
]
