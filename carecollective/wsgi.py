"""The door of the web process: pages and API."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from carecollective.env import Unreadable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carecollective.settings")

try:
    application = get_wsgi_application()

    from carecollective.startup import must_be_fit_to_start

    must_be_fit_to_start()
except Unreadable as problem:
    sys.exit(str(problem))
