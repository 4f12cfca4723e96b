"""The pages that belong to no room: the first page, the plain ones, the API's own description."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from carecollective import api_docs, shell, strict_json


@require_safe
def first_page(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("home:home" if request.user.is_approved else "members:waiting")
    return render(request, "pages/home_public.html", {"towns": settings.SERVICE_AREA})


@require_safe
def plain_page(request: HttpRequest, page: str) -> HttpResponse:
    return render(request, f"pages/{page}.html", {"towns": settings.SERVICE_AREA})


@require_safe
def offline_page(request: HttpRequest) -> HttpResponse:
    return render(request, "offline.html")


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        strict_json.write(shell.manifest()),
        content_type="application/manifest+json",
        headers={"Cache-Control": "max-age=3600"},
    )


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, because it may only speak for what lies under its own address. Browsers ask each time."""
    return HttpResponse(
        shell.service_worker(), content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_schema_bytes(), content_type="application/json", headers={"Cache-Control": "max-age=300"})


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/api_docs.html", {"rooms": api_docs.rooms()})


@cache
def _schema_bytes() -> bytes:
    return strict_json.write(api_docs.openapi())
