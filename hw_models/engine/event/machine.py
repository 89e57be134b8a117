"""One array with its gate, its DMA engine and a DRAM, wired together and at work on one product."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from simpy import Environment, Event
from simpy.events import ProcessGenerator

from hw_models.dataflow import dataflow_of
from hw_models.engine.event.slab import Slab, watch
from hw_models.hardware import SUM_BYTES, Hardware
from hw_models.mapper import Step, map_product, steps
from hw_models.sparsity import Product
from hw_models.traffic import NOTHING, transfers
from hw_models.units.array import Array
from hw_models.units.dma import Dma, Transfer
from hw_models.units.dram import Dram
from hw_models.units.gate import TileGate
from hw_models.units.meter import Meter


class Machine:
    """What runs beside each other: the DMA's list, the gate's search, the array's loads and streams."""

    def __init__(
        self,
        env: Environment,
        product: Product,
        hardware: Hardware,
        dram: Dram | None,
        meter: Meter,
        searches: bool = True,
    ) -> None:
        self._env, self._product, self._hardware, self._meter = env, product, hardware, meter
        self._gate = TileGate(env, meter)
        self._searches = searches
        self._array = Array(env, hardware, meter)
        self._dma = Dma(env, dram, meter) if dram else None
        self._slabs = list(self._lay_out())

    def run(self) -> ProcessGenerator:
        """Ends with the last byte written, the last sum in its place and the last bit seen."""
        self._env.process(self._search())
        self._env.process(self._feed())
        if self._meter.timeline and self._dma:
            self._env.process(watch(self._env, self._slabs, self._meter))
        if self._dma:
            yield self._env.process(self._dma.run(self._transfers()))
        else:
            for slab in self._slabs:
                slab.ready.succeed()
        for slab in self._slabs:
            yield slab.searched
            yield slab.summed

    def _lay_out(self) -> Iterator[Slab]:
        """Cut the product into slabs, two outputs in flight at most."""
        dataflow = dataflow_of(self._hardware.array.dataflow)
        plan = list(steps(self._product, map_product(self._product, self._hardware)))
        rooms: list[Event | None] = [None, None]
        touched = np.zeros(0, bool)
        for step, moved in zip(plan, transfers(self._product, plan), strict=True):
            if step.begins_output:
                touched = np.zeros(step.n[1] - step.n[0], bool)
            walk = dataflow.walk(self._product, step, self._hardware, touched)
            slab = Slab(self._env, step, moved, walk, rooms[0] if self._dma else None)
            if step.ends_output:
                rooms = [rooms[1], slab.written]
            yield slab

    def _search(self) -> ProcessGenerator:
        """The gate's day; without a bitmap it has nothing to do."""
        for slab in self._slabs:
            yield slab.ready
            if self._product.bitmap and self._searches:
                yield from self._gate.walk(slab.walk)
            slab.searched.succeed()
            self._meter.add("passes_skipped", slab.walk.skipped)
            self._meter.add("mask_bits", slab.walk.mask_bits)
            self._meter.add("weight_sram_read_bytes", slab.walk.about_bytes)

    def _feed(self) -> ProcessGenerator:
        """Load what the gate found, or simply the next pass; it streams while the one behind loads."""
        for slab in self._slabs:
            if slab.walk.count == 0:
                continue
            yield slab.ready
            if slab.room:
                yield slab.room
            left = slab.walk.count
            while left:
                left -= 1
                if self._product.bitmap and self._searches:
                    tile, begins = yield from self._gate.found.take()
                else:
                    tile, begins = next(slab.walk.passes), None
                yield from self._array.load(tile, begins, None if left else slab.streamed)
            self._env.process(self._array.drain(slab.streamed, slab.summed))

    def _transfers(self) -> Iterator[Transfer]:
        """The DMA's list: operands of the first two slabs, then by turns those of the next and finished outputs."""
        slabs = self._slabs
        for place in range(min(2, len(slabs))):
            yield self._fetch(slabs[place], ())
        output: list[Event] = []
        for place, slab in enumerate(slabs):
            if place + 2 < len(slabs):
                yield self._fetch(slabs[place + 2], (slab.streamed, slab.searched))
            output += (slab.searched, slab.summed)
            if slab.step.ends_output:
                yield Transfer(tuple(output), (), slab.moved.output_write, slab.written)
                self._count_output(slab.step)
                output = []

    def _fetch(self, slab: Slab, waits_for: tuple[Event, ...]) -> Transfer:
        moved = slab.moved
        return Transfer(
            waits_for, (("activation", moved.activation_read), ("weight", moved.weight_read)), NOTHING, slab.ready
        )

    def _count_output(self, step: Step) -> None:
        """A finished output slab leaves the accumulators, its bias the weight buffer."""
        cols = step.n[1] - step.n[0]
        self._meter.add("output_sram_read_bytes", (step.m[1] - step.m[0]) * cols * SUM_BYTES)
        if self._product.bias:
            self._meter.add("weight_sram_read_bytes", cols * SUM_BYTES)
