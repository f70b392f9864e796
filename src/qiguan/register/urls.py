"""Addresses of the register for officials, under /office/."""

from __future__ import annotations

from django.urls import path

from qiguan.register.views import custody, exports, files, imports, organs, people, returns, splits
from qiguan.register.views import filings as filing_pages

urlpatterns = [
    path("register/", imports.register, name="register"),
    path("register/export/<str:kind>/", exports.export, name="register_export"),
    path("register/template/", exports.template, name="register_template"),
    path("register/files/<str:public_id>/", files.register_file, name="register_file"),
    path("register/files/<str:public_id>/apply/", files.apply, name="register_apply"),
    path("register/files/<str:public_id>/undo/", files.undo, name="register_undo"),
    path("register/files/<str:public_id>/rows/<int:number>/", files.answer, name="register_answer"),
    path("register/filings/", filing_pages.filings, name="filings"),
    path("register/filings/new/<str:what>/", filing_pages.filing_new, name="filing_new"),
    path("register/filings/<str:public_id>/", filing_pages.filing_decide, name="filing_decide"),
    path("register/organs/", organs.organs, name="organs"),
    path("register/organs/<str:public_id>/", organs.organ_change, name="organ_change"),
    path("register/organs/<str:public_id>/split/", splits.organ_split, name="organ_split"),
    path("register/ended/", organs.ended, name="ended_owners"),
    path("register/accounts/<str:public_id>/", custody.custody, name="account_custody"),
    path("people/", people.people, name="people"),
    path("people/<str:public_id>/", people.person, name="person"),
    path("returns/", returns.returns, name="returns"),
    path("returns/shares/<int:share_id>/", returns.share_download, name="share_download"),
    path("returns/shares/<int:share_id>/send/", returns.share_send, name="share_send"),
    path("returns/<str:public_id>/", returns.return_task, name="return_task"),
]
