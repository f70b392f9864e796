"""Addresses of qiguan.publication for officials, under /office/."""

from __future__ import annotations

from django.urls import path

from qiguan.publication.views.bulletins import bulletin_do, bulletin_list, bulletin_page, bulletin_word
from qiguan.publication.views.documents import (
    document_blank,
    document_filled,
    document_page,
    document_template,
    document_template_file,
    documents,
)
from qiguan.publication.views.evidence import account_evidence

urlpatterns = [
    path("bulletins/", bulletin_list, name="bulletins"),
    path("bulletins/<str:public_id>/", bulletin_page, name="bulletin"),
    path("bulletins/<str:public_id>/do/", bulletin_do, name="bulletin_do"),
    path("bulletins/<str:public_id>/draft.docx", bulletin_word, name="bulletin_word"),
    path("accounts/<str:public_id>/evidence.zip", account_evidence, name="account_evidence"),
    path("documents/", documents, name="documents"),
    path("documents/templates/<str:public_id>/", document_template_file, name="document_template_file"),
    path("documents/<str:code>/", document_page, name="document"),
    path("documents/<str:code>/blank.docx", document_blank, name="document_blank"),
    path("documents/<str:code>/cases/<str:case>/", document_filled, name="document_filled"),
    path("documents/<str:code>/template/", document_template, name="document_template"),
]
