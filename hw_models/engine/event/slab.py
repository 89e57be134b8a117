"""A step on its way through the machine of the event engine."""

from __future__ import annotations

from collections.abc import Sequence

from simpy import Environment, Event
from simpy.events import ProcessGenerator

from hw_models.dataflow import Walk
from hw_models.hardware import SUM_BYTES
from hw_models.mapper import Step
from hw_models.traffic import Transfers
from hw_models.units.meter import Meter


class Slab:
    """A step on its way through the machine: what is moved for it, and the moments that others wait for."""

    def __init__(self, env: Environment, step: Step, moved: Transfers, walk: Walk, room: Event | None) -> None:
        self.step, self.moved, self.walk = step, moved, walk
        self.room = room
        """The half of the output buffer that its sums go to has been written back; None: nobody was there."""
        self.ready = Event(env)
        """Its operands and their bitmap are in the buffers."""
        self.searched = Event(env)
        """The gate has looked at all its bits."""
        self.streamed = Event(env)
        """The last row of its last pass has entered the array."""
        self.summed = Event(env)
        """The last of its sums stands in the accumulators."""
        self.written = Event(env)
        """The outputs that it finished are in DRAM."""
        if walk.count == 0:
            self.streamed.succeed()
            self.summed.succeed()


def watch(env: Environment, slabs: Sequence[Slab], meter: Meter) -> ProcessGenerator:
    """For the timeline: operands leave their buffers when the next take their place, sums when they are written."""
    held = {"activation": 0, "weight": 0}
    for slab, behind in zip(slabs, [*slabs[1:], None], strict=True):
        held["activation"] = slab.moved.activation_read.size_bytes or held["activation"]
        held["weight"] = slab.moved.weight_read.size_bytes or held["weight"]
        yield slab.streamed
        yield slab.searched
        if behind is None or behind.step.begins_stay:
            meter.fill("activation", env.now, -held["activation"])
        if behind is None or behind.step.reads_weights:
            meter.fill("weight", env.now, -held["weight"])
        if slab.step.ends_output:
            env.process(_watch_output(env, slab, meter))


def _watch_output(env: Environment, slab: Slab, meter: Meter) -> ProcessGenerator:
    size_bytes = (slab.step.m[1] - slab.step.m[0]) * (slab.step.n[1] - slab.step.n[0]) * SUM_BYTES
    yield slab.summed
    meter.fill("output", env.now, size_bytes)
    yield slab.written
    meter.fill("output", env.now, -size_bytes)
