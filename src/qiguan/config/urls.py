"""Every address of the product: citizens at the root, officials under /office/, machines under /api/v1/."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from qiguan.config import views
from qiguan.config.api import api
from qiguan.config.audit import SECTIONS
from qiguan.people.views import audit

urlpatterns = [
    path("", include("qiguan.register.public_urls")),
    path("", include("qiguan.publication.public_urls")),
    path("", include("qiguan.collection.public_urls")),
    path("", include("qiguan.dialogue.public_urls")),
    path("", include("qiguan.examination.public_urls")),
    path("", include("qiguan.topics.public_urls")),
    path("", include("qiguan.inspection.public_urls")),
    path("", include("qiguan.ui.urls")),
    path("login/", LoginView.as_view(template_name="ui/login.html"), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("office/", views.home, name="home"),
    path("office/", include("qiguan.publication.urls")),
    path("office/audit/", audit, {"offers": SECTIONS}, name="audit"),
    path("office/", include("qiguan.people.urls")),
    path("office/", include("qiguan.people.outbox.urls")),
    path("office/", include("qiguan.inspection.urls")),
    path("office/", include("qiguan.rectification.urls")),
    path("office/", include("qiguan.dialogue.urls")),
    path("office/", include("qiguan.topics.urls")),
    path("office/", include("qiguan.collection.urls")),
    path("office/", include("qiguan.examination.urls")),
    path("office/", include("qiguan.register.urls")),
    path("api/", include("qiguan.dialogue.api_urls")),
    path("api/v1/", api.urls),
]
