"""The WSGI application that the web processes serve: the front, and Django behind it."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

from core.charsets import guarded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")

django_application = get_wsgi_application()
# By name: core may not import what stands on it.
application = import_string("tileserver.front.Front")(guarded(django_application))
