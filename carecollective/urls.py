"""Every address of the site: pages end with a slash, API paths do not."""

from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import autodiscover_modules

from carecollective import health, views
from carecollective.desk import desk

autodiscover_modules("admin", register_to=desk)

urlpatterns: list[URLPattern | URLResolver] = [
    # First, because addresses are tried one after the other, and these are asked most.
    path("", include("messaging.urls")),
    path("", views.first_page, name="first_page"),
    path("rules/", views.plain_page, {"page": "rules"}, name="rules"),
    path("safety/", views.plain_page, {"page": "safety"}, name="safety"),
    path("help/", views.plain_page, {"page": "help"}, name="help"),
    path("offline/", views.offline_page, name="offline"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("sw.js", views.service_worker, name="service_worker"),
    path("", include("members.urls")),
    path("", include("features.urls")),
    path("", include("screening.urls")),
    path("", include("help_requests.urls")),
    path("", include("moderation.urls")),
    path("", include("home.urls")),
    path("admin/", desk.urls),
    path("api/schema", views.schema, name="schema"),
    path("api/docs", views.docs, name="docs"),
    path("api/health", health.health),
    path("api/health/live", health.live),
    path("api/health/ready", health.ready),
    path("api/health/deep", health.deep),
]

handler400 = "carecollective.http.bad_request"
handler403 = "carecollective.http.permission_denied"
handler404 = "carecollective.http.page_not_found"
handler500 = "carecollective.http.server_error"
