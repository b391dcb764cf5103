"""Without pytest, the testing part says which extra to install."""

import builtins
import importlib
import sys
from typing import Any

import pytest

from secretscope import MissingExtraError


@pytest.mark.parametrize("name", ["pytest", "a_part_of_it"])
def test_pytest_is_asked_for_by_its_extra(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(wanted: str, *args: Any) -> Any:
        if wanted == "pytest":
            raise ModuleNotFoundError(name=name)
        return real(wanted, *args)

    monkeypatch.delitem(sys.modules, "secretscope.testing._pytest", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    kind = MissingExtraError if name == "pytest" else ModuleNotFoundError
    with pytest.raises(kind) as caught:
        importlib.import_module("secretscope.testing._pytest")
    if name == "pytest":
        assert "secretscope[testing]" in str(caught.value)
