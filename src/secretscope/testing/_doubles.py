"""Fixtures: a clock to turn, and a store with a script of faults on that clock."""

from __future__ import annotations

from secretscope.testing._clock import HandClock
from secretscope.testing._pytest import pytest
from secretscope.testing._scripted import ScriptedSource


@pytest.fixture
def hand_clock() -> HandClock:
    """Give a clock that the test turns: ``await hand_clock.advance(60)``."""
    return HandClock()


@pytest.fixture
def scripted_source(hand_clock: HandClock) -> ScriptedSource:
    """Give a source in memory that fails as its script says, on the test's own clock.

    ``CachedSecrets(scripted_source, clock=hand_clock)`` makes a store of it; its `calls`
    are what the store was asked.
    """
    return ScriptedSource(clock=hand_clock)
