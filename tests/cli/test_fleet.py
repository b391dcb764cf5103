"""An operator's `rotate` and `store` reach the processes of a running fleet."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import ScopedSecrets, SecretsBackend, lifetime, needs
from secretscope.integrations.redis import redis_fleet
from secretscope.scopes import LifetimeReader
from tests.cli.commands import Run
from tests.fleet.hands import KEY
from tests.fleet.redis_server import RedisServer

ROTATE = ("rotate", "shop:Shop", "ANTHROPIC_API_KEY", "--tenant", "acme")
STORE = ("store", "shop:Shop", "ANTHROPIC_API_KEY", "--tenant", "acme")
CONFIGS = ("--config", "shop.yml", "--config", "fleet.json")


class Process(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    thing = needs(secrets, "ANTHROPIC_API_KEY")


def settings(url: str) -> dict[str, Any]:
    return {
        "url": url,
        "channel": "operators",
        "key_ref": "FLEET_KEY",
        "spread": 0,
        "sweep": 3600,
        "timeout": 1,
    }


@pytest.fixture
def configured(folder: Path) -> Callable[[str], None]:
    key = folder / "secrets" / "FLEET_KEY"
    key.write_text(KEY)
    key.chmod(0o600)

    def configure(url: str) -> None:
        (folder / "fleet.json").write_text(json.dumps({"fleet": settings(url)}))

    return configure


@contextmanager
def running(url: str) -> Iterator[Callable[[], str]]:
    """Run another process's part; yield what waits for its next rotation."""
    app: Any = Process()
    app.config.from_dict(
        {
            "secrets": {
                "backend": "files",
                "files": {"directory": "secrets"},
                "tenants": {"path": "tenants/{tenant}/{ref}"},
                "cache": {"refresh_gap": 0},
            }
        }
    )
    fleets: list[Any] = []

    def beside(secrets: LifetimeReader) -> Any:
        fleets.append(redis_fleet(secrets, settings(url)))
        return fleets[-1]

    with lifetime(app, beside=beside) as secrets, secrets.tenant("acme") as acme:
        rotated = threading.Event()
        secrets.on_rotation(lambda _: rotated.set())
        fleets[0].rotated("NOBODY_HAS_THIS")
        app.secrets().scope.home.call(fleets[0].told)  # it is there, and listens

        def wait() -> str:
            assert rotated.wait(20)
            rotated.clear()
            return str(acme.lookup_sync("ANTHROPIC_API_KEY"))

        yield wait


def write(folder: Path, value: str) -> None:
    file = folder / "secrets" / "tenants" / "acme" / "ANTHROPIC_API_KEY"
    file.chmod(0o600)
    file.write_text(value)


@pytest.mark.timeout(60)
def test_a_running_process_follows_what_an_operator_does(
    run: Run,
    folder: Path,
    configured: Callable[[str], None],
    shared_redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configured(shared_redis.url)
    with running(shared_redis.url) as wait:
        write(folder, "written-by-hand-01")
        code, out, _ = run(*ROTATE, *CONFIGS, "--json")
        assert (code, json.loads(out)["told"]) == (0, True)
        assert wait() == "written-by-hand-01"
        monkeypatch.setattr("sys.stdin", io.StringIO("piped-value-0002\n"))
        assert run(*STORE, *CONFIGS)[0] == 0
        assert wait() == "piped-value-0002"


def test_without_a_fleet_over_redis_nobody_is_told(run: Run, folder: Path) -> None:
    code, out, _ = run(*ROTATE, "--config", "shop.yml", "--json")
    assert (code, json.loads(out)["told"]) == (0, False)
    other_bus = {"fleet": {"key_ref": "FLEET_KEY"}}
    (folder / "fleet.json").write_text(json.dumps(other_bus))
    assert json.loads(run(*ROTATE, *CONFIGS, "--json")[1])["told"] is False


def test_a_bus_that_is_not_there_is_told_of_after_the_deed(
    run: Run,
    configured: Callable[[str], None],
    redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    redis.stop()
    configured(redis.url)
    monkeypatch.setattr("secretscope.cli._bus._PATIENCE", 0.5)
    code, out, err = run(*ROTATE, *CONFIGS)
    assert code == 3
    assert out.startswith("ANTHROPIC_API_KEY of tenant acme was fetched anew")
    assert "the fleet was not told: the channel Redis at 127.0.0.1" in err


def test_a_fleet_without_its_key_or_with_bad_settings_is_named(
    run: Run, folder: Path, configured: Callable[[str], None]
) -> None:
    configured("redis://127.0.0.1:1")
    (folder / "secrets" / "FLEET_KEY").unlink()
    code, _, err = run(*ROTATE, *CONFIGS)
    assert code == 2
    assert "FLEET_KEY" in err
    configured("http://127.0.0.1:1")
    code, _, err = run(*ROTATE, *CONFIGS)
    assert code == 2
    assert "fleet.url" in err


def test_of_several_stores_the_one_that_has_the_key_is_found(
    run: Run,
    folder: Path,
    shared_redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rotate = ("rotate", "shop:TwoStores", "A", "--on", "one", *CONFIGS, "--json")
    fleet = {"fleet": settings(shared_redis.url)}
    (folder / "fleet.json").write_text(json.dumps(fleet))
    code, out, _ = run(*rotate)
    assert code == 2
    assert "2 stores" in json.loads(out)["errors"][0]["message"]
    monkeypatch.setenv("FLEET_KEY", KEY)  # the second store reads the environment
    code, out, _ = run(*rotate)
    assert (code, json.loads(out)["told"]) == (0, True)
