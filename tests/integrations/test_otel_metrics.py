"""OpenTelemetry: requests, refreshes, rotations and stale reads, and never a value."""

from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from secretscope import CachedSecrets, MissingSecretError, Policy, StoreUnavailableError
from secretscope.integrations.otel_metrics import instrument
from secretscope.testing import HandClock, ScriptedSource


def sums(reader: InMemoryMetricReader) -> dict[str, Any]:
    found: dict[str, Any] = {}
    data = reader.get_metrics_data()
    assert data is not None
    for resource in data.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                found[metric.name] = [
                    (dict(point.attributes or {}), getattr(point, "value", None))
                    for point in metric.data.data_points
                ]
    return found


async def six_requests() -> None:
    clock = HandClock()
    source = ScriptedSource({"KEY": "metered-value-01"}, clock=clock)
    secrets = CachedSecrets(source, Policy(ttl=60), name="the store", clock=clock)
    await secrets.resolve("KEY")
    source.hold("KEY", "metered-value-02")
    clock.now += 60
    await secrets.resolve("KEY")
    await secrets.store("KEY", "metered-value-02")
    clock.now += 60
    source.fail(StoreUnavailableError("the store"))
    await secrets.resolve("KEY")
    source.mend()
    with pytest.raises(MissingSecretError):
        await secrets.resolve("OTHER")


async def test_what_caches_do_is_recorded() -> None:
    reader, exporter = InMemoryMetricReader(), InMemorySpanExporter()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    meters = MeterProvider(metric_readers=[reader])
    stop = instrument(meter_provider=meters, tracer_provider=tracers)
    try:
        await six_requests()
    finally:
        stop()
    await CachedSecrets(ScriptedSource({"KEY": "unmetered-val-1"})).resolve("KEY")
    found = sums(reader)
    for name, count in {"refreshes": 2, "rotations": 1, "stale_reads": 1}.items():
        counted = [({"secretscope.store": "the store"}, count)]
        assert found[f"secretscope.secret.{name}"] == counted
    kinds = {facts.get("error.type") for facts, _ in found[DURATION]}
    assert kinds == {None, "StoreUnavailableError", "MissingSecretError"}
    spans = exporter.get_finished_spans()
    acts = ["fetch", "fetch", "put", "fetch", "fetch", "fetch"]
    assert [span.name for span in spans] == [f"secretscope {act}" for act in acts]
    assert [span.status.is_ok for span in spans] == [True] * 4 + [False] * 2
    assert all(span.parent is None for span in spans)
    shown = f"{found} {[span.to_json() for span in spans]}"
    assert "KEY" in shown
    assert "metered-value" not in shown


DURATION = "secretscope.store.request.duration"
