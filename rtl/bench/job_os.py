"""A dense product as the output-stationary machine takes it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from rtl.bench.job import Machine, sums_of, words_of
from rtl.bench.numbers import add, multiply


@dataclass(frozen=True, eq=False)
class OutputStationaryJob:
    """One product a (m, k) @ b (k, n) on rtl/top_os.sv."""

    machine: Machine
    a: npt.NDArray[np.generic]
    b: npt.NDArray[np.generic]
    overlap: str = "double_buffered"
    mask = None
    ragged = "exact"
    top = "top_os"

    def fields(self) -> dict[str, int]:
        """The job port, by the names of rtl/top_os.sv without job_ and _i."""
        (m, k), n = self.a.shape, self.b.shape[1]
        tiles = {"m_tiles": ceil(m / self.machine.rows), "n_tiles": ceil(n / self.machine.cols)}
        return {"overlap": int(self.overlap == "double_buffered"), "m": m, "k": k, **tiles}

    def streams(self) -> dict[str, list[int]]:
        """Activations and weights by tile, a word a step, padded with zeros."""
        machine = self.machine
        return {
            "act": words_of(_steps(self.a, machine.rows), machine.act_bits, None),
            "weight": words_of(_steps(self.b.T, machine.cols), machine.weight_bits, None),
        }

    def results(self, words: list[int]) -> npt.NDArray[np.generic]:
        """(m, n) out of the words of the result stream."""
        return sums_of(words, self.machine, self.a.shape[0])[:, : self.b.shape[1]]

    def expected(self) -> npt.NDArray[np.generic]:
        """(m, n), what numpy makes of it in the array's order of sums: along k, from +0."""
        if self.machine.format == "int8":
            return (self.a.astype(np.int64) @ self.b.astype(np.int64)).astype(np.int32)
        total = np.zeros((self.a.shape[0], self.b.shape[1]), np.float32)
        for step in range(self.a.shape[1]):
            total = add(
                total, multiply(self.a[:, step, None].astype(np.float32), self.b[None, step].astype(np.float32))
            )
        return total


def _steps(lanes: npt.NDArray[np.generic], width: int) -> npt.NDArray[np.generic]:
    """(lanes, k) as one row a step, for each group of `width` lanes."""
    padded = np.zeros((ceil(lanes.shape[0] / width) * width, lanes.shape[1]), lanes.dtype)
    padded[: lanes.shape[0]] = lanes
    return padded.reshape(-1, width, lanes.shape[1]).transpose(0, 2, 1).reshape(-1, width)
