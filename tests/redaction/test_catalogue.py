"""Every format of the catalogue: caught in three contexts, and its look-alikes not."""

import random
import re

import pytest

from secretscope.redaction import CATALOGUE, Redactor, Shape
from tests.redaction.grammar import drawn

OPT_IN = [shape.name for shape in CATALOGUE if shape.opt_in]
REDACTORS = {
    engine: Redactor(engine=engine, opt_in=OPT_IN) for engine in ("pure", "fast")
}
FORMATS = [shape for shape in CATALOGUE if isinstance(shape, Shape)]
CONTEXTS = (
    ('{"value": "', '", "n": 1}'),
    ("it is ", " , they said"),
    ("the last word: ", ""),
    ("A sentence ends with ", ". Another begins"),
    ("export VALUE=", "\nexport OTHER=1"),
    ("use `", "` (as before)"),
    ("GET /a?value=", "&n=2 HTTP/1.1"),
    ("line\\n", "\\nline"),
)


def samples(shape: Shape) -> list[str]:
    dice = random.Random(shape.name)
    if shape.name == "basic":  # base64 of user:password
        return list(shape.examples)
    return [*shape.examples, *(drawn(shape, dice) for _ in range(5))]


def secret_of(shape: Shape, sample: str) -> str:
    spans = list(shape.spans(sample))
    assert spans, f"{shape.name} does not find {sample!r}"
    return sample[slice(*spans[0])]


def test_there_are_as_many_as_promised() -> None:
    names = [shape.name for shape in CATALOGUE]
    assert len(names) == len(set(names))
    assert len(names) >= 120
    assert all(shape.documented.startswith("https://") for shape in CATALOGUE)


@pytest.mark.parametrize("engine", ["pure", "fast"])
@pytest.mark.parametrize("shape", FORMATS, ids=lambda shape: shape.name)
def test_a_credential_is_masked_in_json_in_prose_and_at_the_end(
    shape: Shape, engine: str
) -> None:
    redactor = REDACTORS[engine]
    for sample in samples(shape):
        secret = secret_of(shape, sample)
        for before, after in CONTEXTS:
            text = f"{before}{sample}{after}"
            masked = redactor.redact(text)
            assert secret not in masked, text
            assert "[REDACTED]" in masked
            assert masked.startswith(before)
            assert masked.endswith(after)
            assert redactor.redact(masked) == masked


@pytest.mark.parametrize("engine", ["pure", "fast"])
@pytest.mark.parametrize(
    ("text", "name"),
    [(text, shape.name) for shape in CATALOGUE for text in shape.examples],
)
def test_the_examples_are_labelled(text: str, name: str, engine: str) -> None:
    assert re.search(
        r"\[REDACTED:[a-z0-9-]+\]", REDACTORS[engine].redact(text, label=True)
    )


@pytest.mark.parametrize("engine", ["pure", "fast"])
@pytest.mark.parametrize(
    "text", [text for shape in CATALOGUE for text in shape.counter_examples]
)
def test_what_looks_alike_is_left_alone(text: str, engine: str) -> None:
    assert REDACTORS[engine].redact(text) == text
