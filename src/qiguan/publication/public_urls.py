"""Addresses of publication for citizens, at the root."""

from __future__ import annotations

from django.urls import path

from qiguan.publication import public

urlpatterns = [
    path("bulletins/", public.bulletins, name="public_bulletins"),
    path("bulletins/feed.atom", public.feed, name="public_feed"),
    path("bulletins/<str:public_id>/", public.bulletin, name="public_bulletin"),
    path("bulletins/<str:public_id>/method/", public.method, name="public_method"),
    path("bulletins/<str:public_id>/files/<str:name>", public.file, name="public_file"),
    path("accounts/<str:public_id>/", public.account, name="public_account"),
    path("accounts/<str:public_id>/badge.svg", public.badge, name="public_badge"),
    path("accounts/<str:public_id>/feed.atom", public.feed, {"kind": "account"}, name="public_account_feed"),
    path("units/<str:public_id>/", public.unit, name="public_unit"),
    path("places/<str:public_id>/", public.place, name="public_place"),
    path("offices/<str:public_id>/", public.card, name="public_card"),
]
