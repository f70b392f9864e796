"""Addresses of collection for officials, under /office/."""

from __future__ import annotations

from qiguan.collection.check_urls import check_urls
from qiguan.collection.finding_urls import finding_urls
from qiguan.collection.source_urls import source_urls

urlpatterns = check_urls + finding_urls + source_urls
