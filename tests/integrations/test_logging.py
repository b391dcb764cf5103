"""Records leave masked: message, arguments, exception, extras."""

import io
import logging
import logging.config
from collections.abc import Iterator

import pytest

from secretscope.integrations.logging import RedactingFilter, install
from secretscope.redaction import Redactor

PAT = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5"
R = "[REDACTED]"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    out = io.StringIO()
    logger = logging.getLogger("secretscope.tests.redacted")
    logger.propagate = False
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    install(logger)
    yield logger, out
    logger.removeHandler(handler)


def test_messages_and_arguments_are_masked(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, out = log
    logger.warning("see %s and %d", PAT, 7)
    logger.warning("password=%s", "f4ke-Pl41n-pw")
    logger.warning("plain %s", "words")
    assert out.getvalue() == (
        f"WARNING see {R} and 7\nWARNING password={R}\nWARNING plain words\n"
    )


def test_a_traceback_is_masked(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = log
    try:
        raise ValueError(PAT)
    except ValueError:
        logger.exception("failed", stack_info=True)
    assert PAT not in out.getvalue()
    assert f"ValueError: {R}" in out.getvalue()
    assert "test_a_traceback_is_masked" in out.getvalue()


def test_extras_are_masked_by_name_and_by_content() -> None:
    record = logging.makeLogRecord(
        {"msg": "x", "api_key": "k", "detail": {"text": PAT}, "exc_text": f"old {PAT}"}
    )
    assert RedactingFilter(redact_value=Redactor().redact_value).filter(record)
    assert vars(record)["api_key"] == R
    assert vars(record)["detail"] == {"text": R}
    assert record.exc_text == f"old {R}"


def test_only_the_named_loggers_records_are_read() -> None:
    record = logging.makeLogRecord({"msg": PAT, "name": "other"})
    assert RedactingFilter("mine").filter(record)
    assert record.getMessage() == PAT


def test_a_configuration_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    name = "secretscope.tests.configured"
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {
                "redact": {"()": "secretscope.integrations.logging.RedactingFilter"}
            },
            "handlers": {
                "out": {
                    "class": "logging.StreamHandler",
                    "stream": "ext://sys.stdout",
                    "filters": ["redact"],
                }
            },
            "loggers": {name: {"handlers": ["out"], "propagate": False}},
        }
    )
    logging.getLogger(name).error("it is %s", PAT)
    assert capsys.readouterr().out == f"it is {R}\n"


def test_an_argument_under_a_sensitive_name_is_masked(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, out = log
    logger.warning("%(user)s with %(password)s", {"user": "anna", "password": "hunter"})
    logger.warning("%(user)s with %(pin_token)d", {"user": "anna", "pin_token": 7})
    assert out.getvalue() == f"WARNING anna with {R}\nWARNING anna with 7\n"


def test_what_cannot_be_formatted_is_reported_masked(
    log: tuple[logging.Logger, io.StringIO], capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        def __str__(self) -> str:
            raise ValueError("broken")

    logger, out = log
    handler = logger.handlers[0]
    handler.handle(logging.makeLogRecord({"msg": f"{PAT} %d", "args": (PAT,)}))
    handler.handle(logging.makeLogRecord({"msg": "%s", "args": (Broken(),)}))
    said = capsys.readouterr().err
    assert PAT not in said + out.getvalue()
    assert f"Message: '{R} %d'" in said
    assert "broken" in said
