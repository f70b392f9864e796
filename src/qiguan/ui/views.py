"""The one view of the look: a form that sets theme and size, so that no script is needed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from qiguan.ui.context import SIZE_COOKIE, SIZES, THEME_COOKIE, THEMES

_YEAR = 365 * 24 * 3600


# Exempt on purpose: the choice harms nobody, and a token would make every public page different for every visitor.
@csrf_exempt
@require_POST
def set_look(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme or size (an unknown value forgets it) and go back to `next` on this host."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    answer = HttpResponseRedirect(back)
    for name, cookie, known in (("theme", THEME_COOKIE, THEMES), ("size", SIZE_COOKIE, SIZES)):
        if name not in request.POST:
            continue
        if request.POST[name] in known:
            answer.set_cookie(
                cookie, request.POST[name], max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
            )
        else:
            answer.delete_cookie(cookie)
    return answer
