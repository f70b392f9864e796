"""Addresses of tickets for officials, under /office/."""

from __future__ import annotations

from django.urls import path

from qiguan.rectification.views.files import ticket_file
from qiguan.rectification.views.outcomes import ticket_outcomes
from qiguan.rectification.views.ticket import ticket
from qiguan.rectification.views.tickets import tickets

urlpatterns = [
    path("rectification/", tickets, name="tickets"),
    path("rectification/outcomes/", ticket_outcomes, name="ticket_outcomes"),
    path("rectification/files/<str:public_id>/", ticket_file, name="ticket_file"),
    path("rectification/<str:public_id>/", ticket, name="ticket"),
]
