"""Addresses of dialogue under /office/."""

from __future__ import annotations

from django.urls import path

from qiguan.dialogue.views import counter, desks, message, messages, must_tell

urlpatterns = [
    path("messages/", messages.messages, name="messages"),
    path("messages/counter/", counter.counter, name="counter"),
    path("messages/desks/", desks.desks, name="desks"),
    path("messages/orders/", desks.orders, name="orders"),
    path("messages/must-tell/", must_tell.must_tell, name="must_tell"),
    path("messages/<str:public_id>/", message.message, name="message"),
    path("messages/<str:public_id>/files/<str:file_id>/", message.message_file, name="message_file"),
]
