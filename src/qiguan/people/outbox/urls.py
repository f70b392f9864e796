"""Addresses of the inbox for officials, under /office/."""

from __future__ import annotations

from django.urls import path

from qiguan.people.outbox.views import deliveries, inbox, targets

urlpatterns = [
    path("inbox/", inbox, name="inbox"),
    path("inbox/ways/", targets, name="notice_targets"),
    path("inbox/deliveries/", deliveries, name="deliveries"),
]
