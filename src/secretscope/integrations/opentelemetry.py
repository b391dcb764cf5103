"""A span processor for OpenTelemetry's SDK: no span is exported with a secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.trace import Event, ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import Link, Status

from secretscope.redaction import redact_value


class RedactingSpanProcessor(SpanProcessor):
    """Hands masked copies of spans to the processor behind it.

    A span that has ended cannot be changed, so this stands before the processor that
    exports it::

        provider.add_span_processor(RedactingSpanProcessor(BatchSpanProcessor(exporter)))

    Args:
        behind: the processor that gets the masked spans.
    """

    def __init__(self, behind: SpanProcessor) -> None:
        self._behind = behind
        self._mask = redact_value

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Pass it on."""
        self._behind.on_start(span, parent_context)

    def on_end(self, span: ReadableSpan) -> None:
        """Pass on a copy of the span: name, attributes, events, links and status masked.

        Its resource, which the application sets once for all spans, is passed on as it is.
        """
        self._behind.on_end(
            ReadableSpan(
                name=self._mask(span.name),
                context=span.context,
                parent=span.parent,
                resource=span.resource,
                attributes=self._mask(dict(span.attributes or {})),
                events=self._events(span.events),
                links=self._links(span.links),
                kind=span.kind,
                status=Status(
                    span.status.status_code,
                    self._mask(span.status.description),
                ),
                start_time=span.start_time,
                end_time=span.end_time,
                instrumentation_scope=span.instrumentation_scope,
            )
        )

    def _events(self, events: Sequence[Event]) -> list[Event]:
        return [
            Event(
                self._mask(event.name),
                self._attributes(event.attributes),
                event.timestamp,
            )
            for event in events
        ]

    def _links(self, links: Sequence[Link]) -> list[Link]:
        return [Link(link.context, self._attributes(link.attributes)) for link in links]

    def _attributes(self, attributes: Mapping[str, Any] | None) -> dict[str, Any]:
        masked: dict[str, Any] = self._mask(dict(attributes or {}))
        return masked

    def shutdown(self) -> None:
        """Shut down what is behind."""
        self._behind.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Flush what is behind."""
        return self._behind.force_flush(timeout_millis)
