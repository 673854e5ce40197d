"""Django settings, driven by the environment. Every variable is in docs/settings.md."""

import mimetypes
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.env import Env, celery_url, local_file, patient, postgres_dict

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env(local_file(BASE_DIR / ".local" / "env"))

DEBUG = False
SECRET_KEY = env.text("SECRET_KEY")
PUBLIC_URL = env.url("PUBLIC_URL", ("http", "https"), "http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
_loopback = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = [_public.hostname or "", *_loopback, *env.words("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
FORCE_SCRIPT_NAME = _public.path or None
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", False) else None
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
# Of pages alone: core.middleware.SecurityHeaders says it there, and tiles are spared it.
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = None

INSTALLED_APPS = [
    "core.admin_site.GraticuleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "core",
    "tileserver",
    "styles",
    "tasks",
    "viewer",
]

MIDDLEWARE = [
    "core.middleware.RequestId",
    "core.middleware.Problems",
    "core.middleware.CheckedHost",
    "core.middleware.CheckedCookies",
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Last: CSRF has read the body by then, and a slow sender holds no seat.
    "core.middleware.DatabaseSeats",
]

ROOT_URLCONF = "core.urls"
WSGI_APPLICATION = "core.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASE_URL = env.url("DATABASE_URL", ("postgres", "postgresql"))
RENDER_DATABASE_URL = env.url("RENDER_DATABASE_URL", ("postgres", "postgresql"), DATABASE_URL)


def _django_database(url: str) -> dict[str, Any]:
    known = {
        "dbname": "NAME",
        "host": "HOST",
        "port": "PORT",
        "user": "USER",
        "password": "PASSWORD",
    }
    found = patient(postgres_dict(url))
    options = {key: value for key, value in found.items() if key not in known}
    named = {known[key]: value for key, value in found.items() if key in known}
    return {"ENGINE": "django.db.backends.postgresql", "OPTIONS": options, **named}


# Threads must not become database connections: views that use the ORM close theirs.
DATABASES = {"default": {**_django_database(DATABASE_URL), "CONN_MAX_AGE": 0}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ORM_SEATS = env.integer("ORM_SEATS", 8, 1, 100)

# Tile queries at once, over all web processes and warmers; see docs/settings.md.
TILE_QUERIES = env.integer("TILE_QUERIES", 8, 1, 500)
WEB_PROCESSES = env.integer("WEB_PROCESSES", 2, 1, 64)
WORKER_PROCESSES = env.integer("WORKER_PROCESSES", 2, 1, 64)
TILE_DEADLINE_SECONDS = env.integer("TILE_DEADLINE_SECONDS", 10, 1, 300)
STATEMENT_TIMEOUT_SECONDS = env.integer("STATEMENT_TIMEOUT_SECONDS", 15, 1, 600)

MEMORY_CACHE_BYTES = env.integer("MEMORY_CACHE_BYTES", 64_000_000, 0, 64_000_000_000)
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
WEB_THREADS = env.integer("WEB_THREADS", 384, 4, 2000)
# Whether fewer tiles are made at once while answers out of memory wait for a processor.
HOT_FIRST = env.flag("HOT_FIRST", True)
# Threads of a web process that are kept free for answers out of memory.
WEB_RESERVE = env.integer("WEB_RESERVE", 64, 1, 1000)

# The name of the style that the viewer opens where nobody asks for one.
OPENING_STYLE = env.text("OPENING_STYLE", "world-light")

REDIS_URL = env.url("REDIS_URL", ("redis", "rediss", "unix"))
BROKER_URL = env.url("BROKER_URL", ("redis", "rediss", "unix"), REDIS_URL)
_redis_options: dict[str, Any] = {"SOCKET_CONNECT_TIMEOUT": 0.5, "SOCKET_TIMEOUT": 0.5}
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "graticule",
        "TIMEOUT": 3600,
        "OPTIONS": {**_redis_options, "IGNORE_EXCEPTIONS": True},
    },
    # Tiles are raw bytes with a header of their own: no pickle, no compressor, no int() guess.
    # And connections of their own, each of which sees which Redis it is: django-redis shares a
    # pool by the URL, so this one has a name in it.
    "tiles": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": f"{REDIS_URL}{'&' if '?' in REDIS_URL else '?'}client_name=graticule-tiles",
        "TIMEOUT": 86400,
        "OPTIONS": {**_redis_options, "SERIALIZER": "tileserver.cache.RawSerializer"},
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = celery_url(BROKER_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_IMPORTS = ["tasks.warm", "tasks.release"]
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
DJANGO_CELERY_BEAT_TZ_AWARE = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["core.permissions.ReadAllowedWriteStaff"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.pagination.BoundedPagination",
    "PAGE_SIZE": 100,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.rest_errors.problem_details",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Graticule",
    "DESCRIPTION": "Layers, tilesets, styles and runs of this tile server.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "AccessEnum": "core.models.resource.Access",
        "StateEnum": "core.models.resource.State",
        "RunStateEnum": "tasks.models.RunState",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

BUILD_DIR = Path(env.text("BUILD_DIR", str(BASE_DIR / "build")))
# Absolute, with the path of PUBLIC_URL: a relative one is completed before the first request, when
# Django does not know that path yet. WhiteNoise sees addresses without it.
STATIC_URL = f"{_public.path}/static/"
WHITENOISE_STATIC_PREFIX = "/static/"
STATIC_ROOT = BUILD_DIR / "static"
STATICFILES_DIRS = [("vendor", BUILD_DIR / "vendor")] if (BUILD_DIR / "vendor").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "core.static.ModuleManifestStorage"},
}
# Debian's mime.types lacks .mjs, and a module of another type is not run.
mimetypes.add_type("text/javascript", ".mjs")
WHITENOISE_MIMETYPES = {".mjs": "text/javascript", ".pbf": "application/x-protobuf"}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "core.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": env.text("LOG_FORMAT", "plain"),
        }
    },
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"django.request": {"level": "ERROR"}},
}

os.environ.setdefault("TZ", "UTC")
