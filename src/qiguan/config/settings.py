"""Django's settings. What a person may set is in environment.py; the rest is decided here."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from qiguan.config.environment import data_folder, flag, kept_secret, morning, networks, number, value

DATA = data_folder()
DEBUG = flag("QIGUAN_DEBUG")
SECRET_KEY = kept_secret("secret")
CREDENTIAL_KEY = kept_secret("credential")  # outside the database: a stolen dump opens no token
ALLOWED_HOSTS = [h.strip() for h in value("QIGUAN_ALLOWED_HOSTS").split(",") if h.strip()]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "qiguan.ui",
    "qiguan.jobs",
    "qiguan.archive",
    "qiguan.people",
    "qiguan.intake",
    "qiguan.register",
    "qiguan.collection",
    "qiguan.dialogue",
    "qiguan.examination",
    "qiguan.topics",
    "qiguan.inspection",
    "qiguan.rectification",
    "qiguan.publication",
    "qiguan.config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "qiguan.config.middleware.RefuseUnstorableText",
    "qiguan.config.middleware.SayErrorsInWords",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_USER_MODEL = "people.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "qiguan.config.views.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

ROOT_URLCONF = "qiguan.config.urls"
WSGI_APPLICATION = "qiguan.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "qiguan.ui.context.look",
                "qiguan.config.nav.navigation",
            ],
        },
    }
]


def _database() -> dict[str, Any]:
    url = value("QIGUAN_DATABASE_URL")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "qiguan.sqlite3",
            "CONN_MAX_AGE": 600,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;",
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA / "files"}},
    "archive": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA / "archive"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # empty while the finders serve; whitenoise warns where it is missing
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "lookup"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "qiguan.archive.uploads.UploadLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_LIMIT = 64 * 1024 * 1024  # bytes of one spreadsheet or picture

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if flag("QIGUAN_HTTPS"):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "style-src": [SELF],
        "script-src": [SELF],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
NET_ALLOW_LOOPBACK = flag("QIGUAN_ALLOW_LOOPBACK")
NET_ALLOW_NETWORKS = value("QIGUAN_ALLOW_NETWORKS")  # read by net.guard; a wrong value is told by config/checks.py
NET_AGENT = value("QIGUAN_AGENT_NAME")
EMAIL_HOST = value("QIGUAN_MAIL_HOST")  # SMTP is the second door to the network: its host comes from here only
EMAIL_PORT = int(value("QIGUAN_MAIL_PORT"))
EMAIL_HOST_USER = value("QIGUAN_MAIL_USER")
EMAIL_HOST_PASSWORD = os.environ.get("QIGUAN_MAIL_PASSWORD", "")
EMAIL_USE_SSL = value("QIGUAN_MAIL_SECURITY") == "ssl"
EMAIL_USE_TLS = value("QIGUAN_MAIL_SECURITY") == "starttls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = value("QIGUAN_MAIL_FROM")
PUBLIC_URL = value("QIGUAN_PUBLIC_URL").rstrip("/") or f"http://{value('QIGUAN_HOST')}:{value('PORT')}"
NOTICE_NETWORKS = networks("QIGUAN_NOTICE_NETWORKS")
NOTICE_PLAIN_HTTP = NET_ALLOW_LOOPBACK or bool(NOTICE_NETWORKS)
WARN_AT = morning("QIGUAN_WARN_AT")
KEEP_BODIES = value("QIGUAN_KEEP_BODIES")
DEFAULT_PACK = value("QIGUAN_PACK")
RECTIFY_DAYS = number("QIGUAN_RECTIFY_DAYS", 1, 60)
CLOSING_NOTICE_DAYS = number("QIGUAN_CLOSING_NOTICE_DAYS", 0, 180)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"qiguan": {"level": "INFO"}},
}
