"""Errors: their facts, their sentences, and that they travel."""

import copy
import pickle

import pytest

import secretscope
from secretscope import errors


def every() -> list[errors.SecretScopeError]:
    return [
        errors.ConfigurationError("a: wrong", "b: wrong"),
        errors.UnknownModelError("cluade", known=["claude-"]),
        errors.UnknownStoreError("x", known=[]),
        errors.NotSecretsError("X", missing=["resolve"]),
        errors.ToolDefinitionError("x", reason="it has no name"),
        errors.MissingExtraError("the x SDK", extra="x"),
        errors.InvalidRefError("..", reason="a way out"),
        errors.InvalidTenantError("x" * 500, grammar="[a-z]+"),
        errors.UnknownTenantError("x", where="stores"),
        errors.MissingSecretError("A", where="s"),
        errors.DeletedSecretError("A", where="s"),
        errors.DestroyedSecretError("A", where="s"),
        errors.NotWarmError("A", where="s"),
        errors.ExpiredError("A", where="s"),
        errors.NoTenantError("A"),
        errors.StoreUnavailableError("s", ref="A", retry_after=3),
        errors.StoreTimeoutError("s", seconds=2),
        errors.AccessDeniedError("s", ref="A"),
        errors.MalformedSecretError("s", ref="A", expected="text", cure="mend it"),
        errors.ConflictError("s", ref="A"),
        errors.ReadOnlyStoreError("s"),
        errors.NotOpenError(),
        errors.NotOverridableError("KEY", tenant="acme"),
        errors.LifespanError(),
        errors.ForkedError(),
        errors.ScopeClosedError("s"),
        errors.ScopeMismatchError(built_in="a", used_in="b"),
        errors.NestedTenantError("a", inside="b"),
        errors.AlreadyOpenError("s"),
        errors.BlockedLoopError("s"),
        errors.OverriddenWhileOpenError("s"),
        errors.CaptiveError("a -> b"),
        errors.CycleError("a", "b"),
        errors.AsyncioOnlyError("a"),
        errors.AmbiguousStoreError("a", stores=["x", "y"]),
        errors.AmbiguousStoreError("a", stores=[]),
        errors.WarmUpError([("A", "A: missing")], {}),
        errors.ChannelError("c", reason="it is cut"),
        errors.MissingKeyError("A", model="m", store="s"),
        errors.ModelError("m", reason="r", status=500),
        errors.AuthenticationError("m", ref="A"),
        errors.RunTimeoutError(seconds=1),
        errors.TurnLimitError(turns=1),
        errors.AuditError("log", line=1, reason="edited"),
    ]


EVERY = [
    pytest.param(error, id=f"{type(error).__name__}-{number}")
    for number, error in enumerate(every())
]


@pytest.mark.parametrize("error", EVERY)
def test_an_error_says_its_sentence_and_travels(error: errors.SecretScopeError) -> None:
    assert str(error) == error.args[0]
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)


def test_errors_are_the_built_ins_that_callers_expect() -> None:
    assert isinstance(errors.NotWarmError("A", where="s"), KeyError)
    assert isinstance(errors.NoTenantError("A"), KeyError)
    assert isinstance(errors.AccessDeniedError("s"), PermissionError)
    assert isinstance(errors.StoreTimeoutError("s", seconds=1), TimeoutError)
    assert str(errors.SecretScopeError()) == ""


def test_every_error_is_imported_from_the_top() -> None:
    assert set(errors.__all__) < set(secretscope.__all__)


def test_every_error_names_the_door_it_is_imported_by() -> None:
    doors = {getattr(errors, name).__module__ for name in errors.__all__}
    assert doors == {"secretscope.errors"}
