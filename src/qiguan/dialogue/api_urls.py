"""Addresses of dialogue for machines, under /api/."""

from __future__ import annotations

from django.urls import path, re_path

from qiguan.dialogue import api

_V2 = r"^open311/v2/"

urlpatterns = [
    re_path(_V2 + r"services\.(?P<kind>json|xml)$", api.services, name="open311_services"),
    re_path(_V2 + r"services/(?P<code>\w{1,20})\.(?P<kind>json|xml)$", api.definition, name="open311_definition"),
    re_path(_V2 + r"requests\.(?P<kind>json|xml)$", api.requests, name="open311_requests"),
    re_path(_V2 + r"requests/(?P<public_id>\w{1,16})\.(?P<kind>json|xml)$", api.one_request, name="open311_request"),
    path("orders/v1/", api.orders, name="orders_api"),
]
