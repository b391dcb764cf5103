"""A redactor of one's own: shapes added, dropped, replaced, asked for; engines."""

import sys
from typing import Any

import pytest

from secretscope import redaction
from secretscope.errors import ConfigurationError, MissingExtraError
from secretscope.redaction import CATALOGUE, Redactor, Shape

ACME = Shape("acme-key", "acme_", "[a-z0-9]{12}", "https://docs.acme.example/keys")
TOKEN = "acme_" + "a1b2c3d4e5f6"
PAT = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5"


@pytest.mark.parametrize("engine", ["pure", "fast"])
def test_a_shape_of_ones_own_is_looked_for(engine: str) -> None:
    option = next(shape for shape in CATALOGUE if shape.name == "option")
    redactor = Redactor(add=[ACME, option], engine=engine)  # type: ignore[arg-type]
    assert redactor.redact(f"x {TOKEN}.", label=True) == "x [REDACTED:acme-key]."
    assert Redactor().redact(TOKEN) == TOKEN
    assert redactor.status() == {"engine": engine}


def test_a_shape_of_a_known_name_takes_its_place() -> None:
    mine = Shape("github-pat", "ghp_", "[a-z]{4}")
    redactor = Redactor(add=[mine])
    assert redactor.redact(f"{PAT} ghp_abcd") == f"{PAT} [REDACTED]"


def test_a_shape_is_dropped_by_name() -> None:
    assert Redactor(drop=["github-pat"]).redact(PAT) == PAT


def test_formats_without_an_anchor_are_asked_for() -> None:
    token = "s." + "aB3dE5gH7jK9mN1pQ3sT5vW7"
    assert Redactor().redact(token) == token
    assert Redactor(opt_in=["vault-legacy-token"]).redact(token) == "[REDACTED]"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"drop": ["github-pta"]}, "did you mean 'github-pat'"),
        ({"opt_in": ["zzzzzz"]}, "no shape is called 'zzzzzz'"),
        ({"drop": "github-pat"}, "put it in"),
        ({"engine": "quick"}, "auto, pure and fast"),
        ({"add": [Shape("broken", "x_", "[a-")]}, "shape broken"),
    ],
)
def test_what_cannot_work_is_named(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        Redactor(**options)


def test_a_shape_needs_a_name_and_anchors_that_are_no_blanks() -> None:
    with pytest.raises(ConfigurationError, match="an anchor is empty"):
        Shape("empty", "", "[a-z]{4}")
    with pytest.raises(ValueError, match="name"):
        Shape("No Name", "x_", "[a-z]{4}")


def test_without_hyperscan_the_pure_engine_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    for module in ("_fast", "_hyperscan"):
        monkeypatch.delitem(
            sys.modules, f"secretscope.redaction.{module}", raising=False
        )
    assert Redactor().status() == {"engine": "pure"}
    with pytest.raises(MissingExtraError, match=r"secretscope\[fast\]"):
        Redactor(engine="fast")


def test_the_modules_names_are_what_they_say() -> None:
    assert redaction.Redactor is Redactor
    with pytest.raises(AttributeError, match="Redacter"):
        _ = redaction.Redacter


def test_a_log_call_in_the_midst_of_a_scan_is_redacted_too() -> None:
    """As when a signal's handler logs while the same thread is redacting."""
    redactor = Redactor(engine="fast")
    assert redactor.redact(PAT) == "[REDACTED]"
    finder: Any = redactor._finder
    scan, scratch, more = finder._databases.base.pool.pop()
    assert more is None
    seen: list[str] = []
    scan(PAT.encode(), lambda *_: seen.append(redactor.redact(PAT)), 0, None, scratch)
    assert seen
    assert set(seen) == {"[REDACTED]"}
