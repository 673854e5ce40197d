"""A published table, and a load for it."""

import pytest

from core.layer_spec import LayerSpec
from core.models import Layer
from core.publishing import publish
from tests.database import execute
from tests.release.town import TREES


@pytest.fixture
def trees(committed: None) -> Layer:
    """The Layer `trees`, 100 of them, and a table `odd.load` with the same content."""
    execute(TREES)
    return publish(LayerSpec(name="trees", relation="odd.trees"))
