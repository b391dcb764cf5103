from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends.azure.server import Azure, serving


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    with serving(tmp_path) as azure:
        yield azure
