"""The process's redactor from settings."""

from collections.abc import Iterator
from typing import Any

import pytest
from dependency_injector import providers

from secretscope.errors import ConfigurationError
from secretscope.redaction import configure, redact, redactor

ACME = {"name": "acme-key", "anchors": ["acme_"], "body": "[a-z0-9]{12}"}
TOKEN = "acme_" + "a1b2c3d4e5f6"


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    yield
    configure({})


def test_a_containers_configuration_sets_it_up() -> None:
    config = providers.Configuration()
    config.from_dict(
        {"redaction": {"engine": "pure", "shapes": [ACME], "drop": ["github-pat"]}}
    )
    resource = providers.Resource(configure, config.redaction)
    resource.init()
    assert redact(f"x {TOKEN}", label=True) == "x [REDACTED:acme-key]"
    assert redactor().status() == {"engine": "pure"}
    assert redact("ghp_" + "a1B2" * 9) == "ghp_" + "a1B2" * 9
    unset = providers.Resource(configure, providers.Configuration().redaction)
    unset.init()
    assert redact("ghp_" + "a1B2" * 9) == "[REDACTED]"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"droop": []}, "redaction.droop: unknown option.*drop"),
        ([], "redaction: expected a mapping of options, got list"),
        ({"shapes": "acme"}, "expected a list of shapes"),
        ({"shapes": [{"name": "x"}]}, r"redaction.shapes\[0\].anchors: is not set"),
        ({"shapes": ["x"]}, r"redaction.shapes\[0\]: expected a mapping"),
        (
            {"shapes": [{**ACME, "bodie": "x"}]},
            r"shapes\[0\].bodie: unknown option.*body",
        ),
        ({"shapes": [{**ACME, "name": "A B"}]}, r"redaction.shapes\[0\]: .*name"),
        ({"shapes": [{**ACME, "anchors": 7}]}, r"\[0\].anchors: expected a text, got"),
        ({"shapes": [{**ACME, "anchors": ["a", 7]}]}, "anchors: expected a list of"),
        (
            {"shapes": [{**ACME, "anchors": ["a", ""]}]},
            r"redaction.shapes\[0\]: .*empty",
        ),
        ({"shapes": [{**ACME, "body": 7}]}, "body: expected a text, got int"),
        ({"shapes": [{**ACME, "lead_width": "2"}]}, "expected a whole number, got str"),
        ({"opt_in": 5}, "a list of shapes' names, not 5"),
        ({"drop": [1]}, "no shape is called '1'"),
        ({"shapes": [{**ACME, "body": "[a"}]}, "shape acme-key: "),
        ({"opt_in": ["nobody"]}, "no shape is called 'nobody'"),
        ({"engine": "slow"}, "auto, pure and fast"),
    ],
)
def test_what_cannot_work_is_named_and_changes_nothing(
    settings: Any, says: str
) -> None:
    standing = redactor()
    with pytest.raises(ConfigurationError, match=says):
        configure(settings)
    assert redactor() is standing
