"""The responsible leader's address: no log-in, the key in it opens what one message asked."""

from __future__ import annotations

from django.urls import path

from qiguan.inspection.views.leader import leader

urlpatterns = [path("leader/<str:key>/", leader, name="leader")]
