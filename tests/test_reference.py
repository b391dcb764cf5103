"""All that is public stands in the reference, once."""

import importlib
import re
from collections import Counter
from pkgutil import iter_modules
from types import ModuleType

import secretscope.backends
import secretscope.integrations
from tests.pages import ROOT

_DIRECTIVE = re.compile(
    r"^\.\. (?P<kind>auto\w+|currentmodule):: (?P<name>\S+)\n(?P<options>(?:   :.*\n)*)",
    re.MULTILINE,
)
PUBLIC = [
    "secretscope",
    "secretscope.agent",
    "secretscope.cache",
    "secretscope.errors",
    "secretscope.fleet",
    "secretscope.protocols",
    "secretscope.redaction",
    "secretscope.testing",
    *(
        f"{package.__name__}.{found.name}"
        for package in (secretscope.backends, secretscope.integrations)
        for found in iter_modules(package.__path__)
        if not found.name.startswith("_")
    ),
]
FOR_OUR_OWN_FLOORS = {"LOCAL", "blind", "load"}


def public(module: ModuleType) -> list[str]:
    """Return the names that a module makes public: it says so, or defines them."""
    named = getattr(module, "__all__", None)
    if named is not None:
        return list(named)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and isinstance(value, type)
        and value.__module__ == module.__name__
    ]


def documented() -> list[object]:
    """Return every object that a page of the reference has."""
    found: list[object] = []
    for page in sorted((ROOT / "docs" / "reference").glob("*.md")):
        current = ""
        for each in _DIRECTIVE.finditer(page.read_text()):
            if each["kind"] == "currentmodule":
                current = each["name"]
            elif each["kind"] == "automodule":
                found += members(each["name"], each["options"])
            else:
                name = (
                    each["name"] if "." in each["name"] else f"{current}.{each['name']}"
                )
                module, _, last = name.rpartition(".")
                found.append(getattr(importlib.import_module(module), last))
    return found


def members(name: str, options: str) -> list[object]:
    module = importlib.import_module(name)
    left_out = re.search(r":exclude-members: (.*)", options)
    names = set(left_out[1].split(", ")) if left_out else set()
    return [getattr(module, each) for each in public(module) if each not in names]


def test_all_that_is_public_stands_in_the_reference() -> None:
    there = {id(each) for each in documented()}
    missing = [
        f"{path}.{name}"
        for path in PUBLIC
        for name in public(importlib.import_module(path))
        if name not in FOR_OUR_OWN_FLOORS
        and id(getattr(importlib.import_module(path), name)) not in there
    ]
    assert missing == []


def test_nothing_stands_there_twice() -> None:
    classes = [each for each in documented() if isinstance(each, type)]
    assert [each for each, times in Counter(classes).items() if times > 1] == []
