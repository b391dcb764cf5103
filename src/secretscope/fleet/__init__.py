"""Many processes: they tell each other what has rotated, over a bus of your choice."""

from secretscope.fleet._channel import Channel, Credentialed, Heard
from secretscope.fleet._fleet import Fleet
from secretscope.fleet._holder import Holder, Holds, KeyReader
from secretscope.fleet._memory import MemoryBus, MemoryChannel
from secretscope.fleet._options import REF, SECONDS, TEXT, FleetOptions, read_options
from secretscope.fleet._status import FleetStatus
from secretscope.fleet._time import Clock, SystemClock

__all__ = [
    "REF",
    "SECONDS",
    "TEXT",
    "Channel",
    "Clock",
    "Credentialed",
    "Fleet",
    "FleetOptions",
    "FleetStatus",
    "Heard",
    "Holder",
    "Holds",
    "KeyReader",
    "MemoryBus",
    "MemoryChannel",
    "SystemClock",
    "read_options",
]
