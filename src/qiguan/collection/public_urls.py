"""Addresses of collection for citizens, at the root."""

from __future__ import annotations

from django.urls import path

from qiguan.collection.public import sighting, sighting_thanks

urlpatterns = [
    path("seen/", sighting, name="sighting"),
    path("seen/thanks/", sighting_thanks, name="sighting_thanks"),
]
