"""One secret from any store: its value, and its fields as one snapshot."""

from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import (
    ConfigurationError,
    DictSecrets,
    MissingSecretError,
    Rotating,
    ScopedSecrets,
    SecretFields,
    SecretsBackend,
    SecretValue,
    lifetime,
)
from tests.plain import PlainStore
from tests.providers.rotating_app import (
    App,
    Client,
)
from tests.scopes.remote import Remote, cached


async def test_a_plain_store_that_lacks_the_secret_is_told() -> None:
    with pytest.raises(MissingSecretError):
        SecretValue(PlainStore(), "KEY")()
    assert SecretValue(PlainStore(), "KEY", default="x")() == "x"


async def test_the_fields_of_one_secret_are_one_snapshot() -> None:
    far = Remote({"db": {"user": "user-sf-000001", "password": "pass-sf-000001"}})
    text = DictSecrets({"db": '{"user": "user-sf-000002", "password": "pass-sf-2"}'})

    class Pairs(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(cached(far)))
        secrets = ScopedSecrets(backend)
        db = SecretFields(secrets, "db", "user", "password")
        direct = SecretFields(backend, "db", "user")
        plain = SecretFields(text, providers.Object("db"), "user", "password")
        pool: Any = Rotating(Client, db)

    app: Any = Pairs()
    async with lifetime(app) as secrets:
        pool = app.pool()
        assert app.pool() is pool
        assert pool.key.reveal("user") == "user-sf-000001"
        assert app.direct().reveal("password") == "pass-sf-000001"
        assert app.plain().reveal("password") == "pass-sf-2"
        assert "user-sf" not in repr(pool.key)
        far.held["db"] = {"user": "user-sf-000003", "password": "pass-sf-000003"}
        await secrets.rotate("db")
        assert app.pool() is not pool
        assert app.pool().key.reveal("password") == "pass-sf-000003"
        with secrets.override({"db#password": "brought-pass-01"}):
            mine = app.pool()
            assert mine.key.reveal("password") == "brought-pass-01"
            assert mine.key.reveal("user") == "user-sf-000003"
            assert app.pool() is mine
        assert mine.closed == 1
        with secrets.override(db='{"user": "u", "password": "p"}'):
            assert app.pool().key.reveal("user") == "u"
            assert (await secrets.resolve_secret("db")).reveal("password") == "p"


async def test_a_snapshot_without_one_of_its_fields_is_missing() -> None:
    far = Remote({"db": {"user": "user-sf-000001", "password": "pass-sf-000001"}})

    class Pairs(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(cached(far)))
        secrets = ScopedSecrets(backend)
        db = SecretFields(secrets, "db", "user", "password")

    app: Any = Pairs()
    async with lifetime(app) as secrets:
        far.held["db"] = {"user": "user-sf-000004"}
        await secrets.rotate("db")
        with pytest.raises(MissingSecretError, match="password"):
            app.db()
        with app.db.override("a fake"):
            assert app.db() == "a fake"
    with pytest.raises(ConfigurationError, match="names no field"):
        SecretFields(App.secrets, "db")
