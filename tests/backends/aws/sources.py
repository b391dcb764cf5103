"""A source of Secrets Manager, closed after the block."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from secretscope.backends.aws import AwsSource
from tests.backends.aws.server import Aws


@asynccontextmanager
async def source_of(aws: Aws, **more: Any) -> AsyncIterator[AwsSource]:
    options = {name: more.pop(name) for name in ("binary", "kms_key") if name in more}
    create = more.pop("create", True)
    source = AwsSource(aws.access(**more), create=create, **options)
    try:
        yield source
    finally:
        await source.aclose()
