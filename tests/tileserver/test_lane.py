"""What a web process does once it has loaded."""

import subprocess
import sys

# In a process of its own: it would be so for every test after this one.
PREPARED = """
import gc
from core.wsgi import application
from tileserver import lane
loaded = len(gc.get_objects())
lane.prepare(1, 1)
print(loaded, gc.get_freeze_count(), gc.get_threshold()[0], lane.GARBAGE)
"""


def test_garbage_is_not_looked_for_in_what_was_loaded(django_db_setup: None) -> None:
    said = subprocess.run([sys.executable, "-c", PREPARED], capture_output=True, check=True)
    loaded, left_alone, threshold, meant = map(int, said.stdout.split())
    assert left_alone > loaded / 2
    assert threshold == meant
