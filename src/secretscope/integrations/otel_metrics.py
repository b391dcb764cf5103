"""OpenTelemetry: what stores are asked and how fresh secrets are, as metrics and spans."""

from __future__ import annotations

import time
from collections.abc import Callable

from opentelemetry import metrics, trace
from opentelemetry.metrics import Meter, MeterProvider
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, TracerProvider

from secretscope.cache import Request, observe
from secretscope.values import Rotation

_NAME = "secretscope"


class _Observing:
    """Hands what happens to instruments; it never has a value to hand on."""

    def __init__(self, meter: Meter, tracer: Tracer) -> None:
        self._tracer = tracer
        self._seconds = meter.create_histogram(
            "secretscope.store.request.duration",
            unit="s",
            description="How long requests to secret stores take.",
        )
        self._refreshes = meter.create_counter(
            "secretscope.secret.refreshes",
            description="Secrets that were fetched again.",
        )
        self._rotations = meter.create_counter(
            "secretscope.secret.rotations",
            description="Refreshes that found a new version, or that there is none.",
        )
        self._stale = meter.create_counter(
            "secretscope.secret.stale_reads",
            description="Reads of a value past its time, while its store has an outage.",
        )

    def requested(self, request: Request) -> None:
        """Record the request's time, and a span of its own that ends now."""
        facts = {"secretscope.store": request.store, "secretscope.act": request.act}
        if request.error is not None:
            facts["error.type"] = request.error
        self._seconds.record(request.seconds, facts)
        end = time.time_ns()
        span = self._tracer.start_span(
            f"secretscope {request.act}",
            kind=SpanKind.CLIENT,
            attributes={**facts, "secretscope.refs": request.refs},
            start_time=end - int(request.seconds * 1e9),
        )
        if request.error is not None:
            span.set_status(Status(StatusCode.ERROR, request.error))
        span.end(end)

    def refreshed(self, store: str, ref: str, *, rotation: Rotation | None) -> None:
        """Count it, and the rotation that it found."""
        self._refreshes.add(1, {"secretscope.store": store})
        if rotation is not None:
            self._rotations.add(1, {"secretscope.store": store})

    def stale(self, store: str, ref: str) -> None:
        """Count it."""
        self._stale.add(1, {"secretscope.store": store})


def instrument(
    *,
    meter_provider: MeterProvider | None = None,
    tracer_provider: TracerProvider | None = None,
) -> Callable[[], None]:
    """Record what every cache of the process does, from now on.

    Metrics name the store, the kind of request and the kind of error; spans name the
    locations, too. Neither ever has a value.

    Args:
        meter_provider: where metrics go; the process's own without it.
        tracer_provider: where spans go; the process's own without it.

    Returns:
        A function that ends it.
    """
    return observe(
        _Observing(
            metrics.get_meter(_NAME, meter_provider=meter_provider),
            trace.get_tracer(_NAME, tracer_provider=tracer_provider),
        )
    )
