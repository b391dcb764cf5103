"""Settings that cannot work: every fault by its path, wherever they come from."""

from pathlib import Path
from typing import Any

import pytest
from dependency_injector import containers, providers
from pydantic import BaseModel
from pydantic_settings import BaseSettings

from secretscope import (
    ConfigurationError,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
)
from secretscope.providers.settings import read_settings
from tests.providers.value_app import (
    App,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, "nothing is configured"),
        ("env", "secrets: expected a mapping of options, such as {'backend': 'env'}, got str"),
        ({"backend": "dcit"}, "did you mean 'dict'"),
        ({"backend": 7}, "secrets.backend: expected a name, one of env"),
        ({"path": "{ref}"}, "secrets.backend: is not set"),
        ({"backend": "env", "tennants": {}}, "did you mean 'tenants'"),
        ({"backend": "files"}, "secrets.files.directory: is not set"),
        ({"backend": "files", "files": {"directory": 7}}, "expected a path"),
        ({"backend": "files", "files": {"directory": "x", "max_bytes": "7"}}, "whole number"),
        ({"backend": "files", "files": []}, "expected a mapping"),
        ({"backend": "dict", "dict": {"A": 7}}, "secrets.dict.A: expected a text, got int"),
        ({"backend": "env", "env_fallback": "no"}, "expected true or false"),
        ({"backend": "env", "path": "x"}, "must hold {ref} exactly once"),
        ({"backend": "env", "path": 7}, "expected a template"),
        ({"backend": "env", "path": "{ref}#a#b"}, "more than one '#'"),
        ({"backend": "env", "refs": []}, None),
        ({"backend": "env", "refs": [1]}, "a mapping of ref"),
        ({"backend": "env", "refs": {"A": 1}}, "secrets.refs.A"),
        ({"backend": "env", "tenants": []}, "expected a mapping"),
        ({"backend": "env", "tenants": {"path": "{ref}"}}, "secrets.tenants.path"),
        ({"backend": "env", "tenants": {"path": "{ref}/{tenant}"}}, "must stand before"),
        ({"backend": "env", "tenants": {"path": "{tenant}_{ref}"}}, "can collide"),
        ({"backend": "env", "tenants": {"path": "{tenant}_{ref}", "names": "[a-z]+"}}, None),
        ({"backend": "env", "tenants": {"path": "a#{tenant}/{ref}"}}, "must not stand before"),
        ({"backend": "env", "tenants": {"path": "{tenant}/{ref}{x}"}}, "not known there"),
        ({"backend": "env", "tenants": {"path": 7}}, "secrets.tenants.path"),
        ({"backend": "env", "tenants": {"names": "["}}, "regular expression"),
        ({"backend": "env", "tenants": {"inherit": "KEY"}}, "expected a list"),
        ({"backend": "env", "tenants": {"inherit": ["a/../b"]}}, "inherit[0]: no ref"),
        ({"backend": "env", "tenants": {"overridable": [1]}}, "expected a text"),
        ({"backend": "env", "tenants": {"stores": 7}}, "expected a mapping of tenant"),
        ({"backend": "env", "tenants": {"stores": {"a": 7}}}, "secrets.tenants.stores.a"),
        ({"backend": "env", "tenants": {"namespace": "x"}}, "secrets.tenants.namespace"),
        ({"backend": "env", "tenants": {"namespace": "{tenant}", "path": "x"}}, "{ref}"),
        ({"backend": "env", "cache": []}, "expected a mapping"),
        ({"backend": "env", "cache": {"ttl": "x"}}, "expected a number"),
        ({"backend": "env", "cache": {"ttl": -1}}, "negative"),
        ({"backend": "env", "cache": {"tll": 1}}, "did you mean 'ttl'"),
        ({"backend": "chain"}, "expected a list of backends"),
        ({"backend": "chain", "chain": {"of": ["chain"]}}, "can't hold itself"),
        ({"backend": "chain", "chain": {"of": ["env", "nope"]}}, "secrets.chain.of[1]: unknown"),
        (
            {"backend": "chain", "chain": {"of": [{"dict": {"KEY": "hunter2"}}]}},
            "secrets.chain.of[0]: expected a name",
        ),
    ],
)  # fmt: skip
async def test_settings_that_cannot_work_are_named(
    given: Any, expected: str | None
) -> None:
    app = App(config={"secrets": given}, value=providers.Object(None))
    if expected is None:
        async with lifetime(app):
            return
    with pytest.raises(ConfigurationError) as caught:
        await lifetime(app).__aenter__()
    assert expected in str(caught.value)


async def test_all_faults_are_told_at_once() -> None:
    app = App(config={"secrets": {"backend": "x", "pth": 1, "cache": {"ttl": "y"}}})
    with pytest.raises(ConfigurationError, match="3 faults") as caught:
        await lifetime(app).__aenter__()
    assert len(caught.value.faults) == 3


async def test_settings_may_be_pydantic_settings(tmp_path: Path) -> None:
    class Files(BaseModel):
        directory: Path = tmp_path

    class Config(BaseSettings):
        backend: str = "files"
        files: Files = Files()

    class WithSettings(containers.DeclarativeContainer):
        config = providers.Configuration(pydantic_settings=[Config()])
        backend = SecretsBackend(config)
        secrets = ScopedSecrets(backend)

    (tmp_path / "KEY").write_text("pydantic-key-01")
    app = WithSettings()
    app.config.from_dict(Config().model_dump(exclude_none=True))
    async with lifetime(app) as secrets:
        assert await secrets.resolve("KEY") == "pydantic-key-01"
    plain = read_settings(Config())
    assert plain.backend.name == "files"
