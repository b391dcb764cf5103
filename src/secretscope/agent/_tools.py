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
from secretscope.errors import ToolDefinitionError

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
        ToolDefinitionError: It has no name, or a parameter that no schema can say.
    """
    name = getattr(function, "__name__", None)
    if not callable(function) or name is None:
        raise ToolDefinitionError(
            repr(type(function).__name__), reason="a tool is a function with a name"
        )
    hints = typing.get_type_hints(function)
    fields: dict[str, Any] = {}
    required: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise ToolDefinitionError(
                name, reason=f"*{parameter.name} has no schema; name each parameter"
            )
        schema_of = _schema(hints.get(parameter.name, Any))
        if schema_of is None:
            raise ToolDefinitionError(
                name,
                reason=f"{parameter.name} has no schema; annotate it with str, int, "
                "float, bool, list, dict, a Literal or an Enum",
            )
        fields[parameter.name] = schema_of
        if parameter.default is parameter.empty:
            required.append(parameter.name)
    schema = {"type": "object", "properties": fields, "required": required}
    return Tool(ToolSpec(name, inspect.getdoc(function) or name, schema), function)


def tools_of(tools: Sequence[Callable[..., Any]]) -> dict[str, Tool]:
    """Return tools by name.

    Raises:
        ToolDefinitionError: Two have the same name, or one is no function.
    """
    found: dict[str, Tool] = {}
    for function in tools:
        tool = tool_of(function)
        if tool.spec.name in found:
            raise ToolDefinitionError(
                tool.spec.name, reason="another tool has this name; rename one"
            )
        found[tool.spec.name] = tool
    return found


def _schema(hint: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """Return the JSON Schema of an annotation; None where there is none."""
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return {"enum": list(args)}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    inner = [_schema(arg) for arg in args]
    if origin not in _NESTED or None in inner:
        return None
    return _NESTED[origin](inner)


_NESTED: dict[Any, Callable[[list[Any]], dict[str, Any]]] = {
    typing.Union: lambda inner: {"anyOf": inner},
    types.UnionType: lambda inner: {"anyOf": inner},
    list: lambda inner: {"type": "array", "items": inner[0]},
    dict: lambda inner: {"type": "object", "additionalProperties": inner[1]},
}
