"""The environment of our processes."""

import os

from script.local import node, settings
from script.local.place import Place
from script.local.preflight import port


def environment(place: Place) -> dict[str, str]:
    """What `manage.py` and the Procfile's processes get; what the caller set wins."""
    number = port()
    defaults = {
        **settings.read(place.env_file),
        "PORT": str(number),
        "PUBLIC_URL": f"http://127.0.0.1:{number}",
        "PYTHONUNBUFFERED": "1",
    }
    if "DATABASE_URL" in os.environ:
        # The render role of our own cluster is no role of somebody else's server.
        defaults["RENDER_DATABASE_URL"] = os.environ["DATABASE_URL"]
    return {**defaults, **os.environ, "PATH": node.path()}
