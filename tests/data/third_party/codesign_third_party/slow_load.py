"""A dataflow that nobody should use: weight stationary, and its weights come at half the speed."""

from dataclasses import replace
from typing import ClassVar

from hw_models.dataflow import TileBits, Walk, WeightStationary


class SlowLoad:
    """As weight stationary, R loads take 2R cycles."""

    name: ClassVar[str] = "slow_load"
    tile_bits: ClassVar[TileBits] = "none"
    granule = WeightStationary.granule
    quanta = WeightStationary.quanta

    def walk(self, product, step, hardware, touched) -> Walk:
        """The same passes, loaded slowly."""
        walk = WeightStationary().walk(product, step, hardware, touched)
        return replace(walk, passes=(one._replace(load_cycles=2 * one.load_cycles) for one in walk.passes))
