from collections.abc import Iterator

import pytest

from tests.backends.gcp.server import Cloud, serving


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with serving() as cloud:
        yield cloud
