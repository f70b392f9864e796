"""Addresses of dialogue for citizens, at the root."""

from __future__ import annotations

from django.urls import path

from qiguan.dialogue import public, public_list, public_track

urlpatterns = [
    path("ask/", public.doors, name="doors"),
    path("ask/write/", public.write, name="ask_write"),
    path("ask/track/", public_track.track, name="track"),
    path("ask/track/<str:code>/", public_track.track, name="track_link"),
    path("ask/track/<str:code>/files/<str:public_id>/", public_track.track_file, name="track_file"),
    path("ask/public/", public_list.published, name="published_messages"),
    path("ask/public/<str:public_id>/", public_list.published_one, name="published_message"),
    path("ask/rules/", public_list.rules, name="holding_rules"),
]
