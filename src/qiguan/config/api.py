"""The open API: one object, one error shape, routers of the apps."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from qiguan.collection.api import router as collection_router
from qiguan.config.middleware import error_body, headers_of, status_of
from qiguan.core.errors import QiguanError
from qiguan.register.api import router as register_router
from qiguan.topics.api import router as topics_router

api = NinjaAPI(title="齐管 Qiguan", version="1", urls_namespace="api", docs_url=None)


@api.exception_handler(QiguanError)
def _in_words(request: HttpRequest, error: QiguanError) -> HttpResponse:
    answer = api.create_response(request, error_body(error), status=status_of(error))
    for name, value in headers_of(error).items():
        answer[name] = value
    return answer


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0] if error.errors else {}
    place = ".".join(str(part) for part in first.get("loc", ())[1:])
    return api.create_response(
        request,
        error_body(QiguanError(f"参数不对：{first.get('msg', '')}", place=place, remedy="请对照/api/v1/openapi.json修改")),
        status=422,
    )


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return api.create_response(request, error_body(QiguanError(str(error), code="http")), status=error.status_code)


api.add_router("", register_router)
api.add_router("", collection_router)
api.add_router("", topics_router)
