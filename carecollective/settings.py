"""Django's settings, every one of ours read strictly from the environment."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from carecollective import logs
from carecollective.env import Reader, Unreadable
from carecollective.known_settings import KNOWN

BASE_DIR = Path(__file__).resolve().parent.parent
env = Reader(KNOWN, BASE_DIR / ".env")

DEBUG = env.flag("DEBUG", default=False)
PRODUCTION_LIKE = env.flag("PRODUCTION_LIKE", default=False)
SECRET_KEY = env.text("SECRET_KEY")
SITE_URL = env.url("SITE_URL", default="http://localhost:8000")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=(SITE_HOST,))
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", default=0, most=10)
SERVICE_AREA = env.words("SERVICE_AREA", separator=";")
DEFAULT_TIME_ZONE = env.text("DEFAULT_TIME_ZONE", default="America/Chicago")
ENCRYPTION_KEYS = env.words("ENCRYPTION_KEYS")
UNANSWERED_MESSAGES_MOST = env.number("UNANSWERED_MESSAGES_MOST", default=0, most=1000)

# Read by the features room, which shows them as they were written.
MESSAGING_V2 = {name: env.as_written(name) for name in KNOWN if "MESSAGING_V2" in name}
ALERT_WEBHOOK_URL = env.secret_url("ALERT_WEBHOOK_URL") if env.is_set("ALERT_WEBHOOK_URL") else ""

if len(SECRET_KEY) < 50:
    raise Unreadable("SECRET_KEY is too short: it needs at least 50 random characters.")

ROOMS = [
    *("audit", "notifications", "features", "members", "screening", "help_requests", "messaging", "moderation", "home"),
    "legacy",
]
INSTALLED_APPS = [
    "carecollective",
    *(room for room in ROOMS if (BASE_DIR / room / "apps.py").is_file()),
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "carecollective.logs.RequestLog",
    "carecollective.http.WholeBodies",
    "features.middleware.OneAnswer",
    # Each answer grows by a few random bytes, and form tokens are masked anew: its size tells nothing of what is in it.
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "members.session_cookie.SessionCookie",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "members.middleware.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "carecollective.http.Refusals",
]
ROOT_URLCONF = "carecollective.urls"
WSGI_APPLICATION = "carecollective.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["carecollective.templatetags.care"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "carecollective.context.site",
                "home.context.unread",
            ],
        },
    }
]
FORM_RENDERER = "carecollective.forms.Renderer"

# The owner migrates; the site runs with rights granted table by table.
AS_OWNER = env.choice("DATABASE_ROLE", ("site", "owner"), default="site") == "owner"
HAS_OWNER = env.is_set("DATABASE_OWNER_URL")
SITE_ROLE = env.database("DATABASE_URL")["USER"]
DATABASES = {"default": env.database("DATABASE_OWNER_URL" if AS_OWNER and HAS_OWNER else "DATABASE_URL")}
PREPARED_STATEMENTS = env.flag("PREPARED_STATEMENTS", default=True)
# search_path: a role can change its own default, a connection that says it cannot be misled.
TIMEOUTS = "-c search_path=public -c lock_timeout=2s " + (
    "" if AS_OWNER else "-c statement_timeout=5s -c idle_in_transaction_session_timeout=30s"
)
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "ATOMIC_REQUESTS": False,
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": True,
    # The address may bring options of its own: host=/socket/folder, sslmode.
    "OPTIONS": DATABASES["default"].get("OPTIONS", {})
    | {
        "connect_timeout": 3,
        # A network that swallows everything is noticed within half a minute.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
        "application_name": "carecollective",
        "options": TIMEOUTS,
        "server_side_binding": PREPARED_STATEMENTS,
        "prepare_threshold": 5 if PREPARED_STATEMENTS else None,
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["members.authentication.Account"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("UserAttributeSimilarityValidator", {"user_attributes": ("name", "called", "email")}),
    )
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
SESSION_ENGINE = "members.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "carecollective.http.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL.startswith("https://") else []
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# On a local site there is no TLS, so what needs it stays off; nothing else differs.
BEHIND_TLS = not (DEBUG or PRODUCTION_LIKE)
SECURE_SSL_REDIRECT = BEHIND_TLS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^api/health"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "geolocation", "microphone", "payment", "usb", "interest-cohort")
}
PERMISSIONS_POLICY.pop("interest-cohort")
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 0

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["members.authentication.Token", "members.authentication.Session"],
    "DEFAULT_PERMISSION_CLASSES": ["members.authentication.SignedInOnly"],
    "DEFAULT_PARSER_CLASSES": ["carecollective.json_api.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["carecollective.json_api.JsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "carecollective.json_api.AlwaysJson",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "carecollective.http.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "CARE Collective",
    "DESCRIPTION": "Mutual support for family caregivers: ask for help, offer help, talk.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # In 3.1 a schema is JSON Schema, so examples and answers can be checked against it by anybody.
    "OAS_VERSION": "3.1.0",
    # Known words stand where they are used, not behind names made of a field's.
    "POSTPROCESSING_HOOKS": [],
}

EMAIL = env.email("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = EMAIL["EMAIL_HOST"], EMAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_USER"], EMAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL.get("EMAIL_USE_TLS", False), EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = EMAIL["EMAIL_FILE_PATH"]
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM", default="CARE Collective <hello@localhost>")

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / ".data" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "carecollective.staticfiles.JoinedStorage"},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = logs.configuration(env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO"))
