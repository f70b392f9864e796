"""Addresses of collection at the root, without a log-in: for citizens, for WeChat and for a unit's administrator."""

from __future__ import annotations

from django.urls import path

from qiguan.collection.public import sighting, sighting_thanks, wechat_consent, wechat_events, wechat_messages, wechat_returned

urlpatterns = [
    path("seen/", sighting, name="sighting"),
    path("seen/thanks/", sighting_thanks, name="sighting_thanks"),
    path("wechat/<str:public_id>/events/", wechat_events, name="wechat_events"),
    path("wechat/<str:public_id>/messages/<str:appid>/", wechat_messages, name="wechat_messages"),
    path("wechat/authorise/<str:link_key>/", wechat_consent, name="wechat_consent"),
    path("wechat/authorise/<str:link_key>/back/", wechat_returned, name="wechat_returned"),
]
