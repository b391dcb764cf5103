"""Plain functions as tools: their schemas from annotations, their calls bounded."""

from __future__ import annotations

import enum
import inspect
import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from typing import Any

import anyio
import anyio.to_thread
from attrs import frozen

from secretscope.agent._messages import ToolSpec

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    list: {"type": "array"},
    dict: {"type": "object"},
    Any: {},
    type(None): {"type": "null"},
}


@frozen
class Tool:
    """A function that a model may call."""

    spec: ToolSpec
    function: Callable[..., Any]

    async def call(
        self, args: Mapping[str, Any], context: Context, limiter: anyio.CapacityLimiter
    ) -> str:
        """Return what the function answers, as text; a sync one runs in a thread."""
        if inspect.iscoroutinefunction(self.function):
            answer = await self.function(**args)
        else:
            answer = await anyio.to_thread.run_sync(
                lambda: context.copy().run(self.function, **args),
                limiter=limiter,
                abandon_on_cancel=True,
            )
        return answer if isinstance(answer, str) else json.dumps(answer, default=str)


def tool_of(function: Callable[..., Any]) -> Tool:
    """Return the tool that a function is.

    Raises:
        TypeError: It has no name, or a parameter that no schema can say.
    """
    name = getattr(function, "__name__", None)
    if not callable(function) or name is None:
        message = f"a tool is a function, not {type(function).__name__}"
        raise TypeError(message)
    hints = typing.get_type_hints(function)
    fields: dict[str, Any] = {}
    required: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            message = f"tool {name}: *{parameter.name} has no schema; name each"
            raise TypeError(message)
        where = f"tool {name}, parameter {parameter.name}"
        fields[parameter.name] = _schema(hints.get(parameter.name, Any), where)
        if parameter.default is parameter.empty:
            required.append(parameter.name)
    schema = {"type": "object", "properties": fields, "required": required}
    return Tool(ToolSpec(name, inspect.getdoc(function) or name, schema), function)


def tools_of(tools: Sequence[Callable[..., Any]]) -> dict[str, Tool]:
    """Return tools by name.

    Raises:
        TypeError: Two have the same name, or one is no function.
    """
    found: dict[str, Tool] = {}
    for function in tools:
        tool = tool_of(function)
        if tool.spec.name in found:
            message = f"two tools are called {tool.spec.name}: rename one"
            raise TypeError(message)
        found[tool.spec.name] = tool
    return found


def _schema(hint: Any, where: str) -> dict[str, Any]:  # noqa: ANN401
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return {"enum": list(args)}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_schema(arg, where) for arg in args]}
    if origin is list:
        return {"type": "array", "items": _schema(args[0], where)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(args[1], where)}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    message = f"{where}: {hint!r} has no schema; use str, int, float, bool, list, dict"
    raise TypeError(message)
