"""What of a mask a machine can use: granules it skips, what it stores for them, a note where a mask saves nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import numpy.typing as npt

from hw_models.cost import Formats, formats_of
from hw_models.dataflow import ROW_INDEX_BYTES, TileBits, dataflow_of, granule
from hw_models.hardware import FORMAT_BYTES, Hardware
from hw_models.program import Gemm, TileMask


@dataclass(frozen=True, eq=False)
class Product:
    """A product as the machine stores and executes it."""

    m: int
    k: int
    """Stored along the reduction: after N:M compression fewer than the activations have."""
    n: int
    full_k: int
    """As the activations have it."""
    formats: Formats
    bias: bool
    computed: bool = False
    """The operand that stays was computed at run time, and may still be in a cache."""
    alive: npt.NDArray[np.bool_] | None = None
    """Granules that live (k_granules, n_granules); None: all, and nothing is stored about it."""
    granule: tuple[int, int] = (1, 1)
    """(k, n) elements of a granule."""
    bitmap: bool = False
    """Whether the tile gate walks one bit for each tile, and behind a live one, a bit for each of its granules."""
    tile_bits: TileBits = "none"
    """What a tile is: a granule, a column of them in a slab, or a row."""
    packed: bool = False
    """Whether live rows of a column of tiles move together (row skip); stored as 2-byte indices."""
    kept: tuple[int, int] = (1, 1)
    """N:M: of how many weights how many are stored."""

    @property
    def activation_bytes(self) -> int:
        """Of one activation."""
        return FORMAT_BYTES[self.formats[0]]

    @property
    def weight_bytes(self) -> int:
        """Of one weight."""
        return FORMAT_BYTES[self.formats[1]]

    def widened(self, stored: int) -> int:
        """Activations that may stand behind so many weights of a column: m for every n under N:M compression."""
        return -(-stored * self.kept[1] // self.kept[0])

    def bits(self, alive: npt.NDArray[np.bool_]) -> int:
        """Of the bitmap of a slab of granules."""
        if self.tile_bits == "none":
            return int(alive.size)
        tiles = alive.T if self.tile_bits == "column" else alive
        return int(tiles.shape[0] + tiles.any(axis=1).sum() * tiles.shape[1])

    def selector_bytes(self, weights: int) -> int:
        """That say, under N:M compression, which of its m neighbours each stored weight is."""
        bits = (self.kept[1] - 1).bit_length() if self.kept[0] < self.kept[1] else 0
        return -(-weights * bits // 8)

    def reach(self, low: int, high: int) -> int:
        """Activations behind the stored rows [low, high) of the reduction."""
        return self._unpacked(high) - self._unpacked(low)

    def _unpacked(self, stored: int) -> int:
        n, m = self.kept
        return self.full_k if stored >= self.k else stored // n * m + stored % n


def product_of(gemm: Gemm, hardware: Hardware) -> Product:
    """The product that runs; a mask of no use to the machine is left away (and `note` says so)."""
    kind = hardware.sparsity.kind
    if gemm.tiles is None or kind == "none":
        return _plain(gemm, hardware)
    if kind == "n_m":
        return _compressed(gemm, gemm.tiles, hardware)
    product = masked_product(gemm, hardware)
    return replace(product, alive=gemm.tiles.retile(product.granule).alive)


def masked_product(gemm: Gemm, hardware: Hardware) -> Product:
    """The product of a machine that skips dead granules, for whatever mask."""
    packed = hardware.sparsity.kind == "row_skip"
    if packed and gemm.k > 1 << 8 * ROW_INDEX_BYTES:
        raise ValueError(f"gemm {gemm.name}: row_skip tells {1 << 8 * ROW_INDEX_BYTES} rows apart, k is {gemm.k}")
    size = (1, hardware.array.cols) if packed else granule(hardware)
    tile_bits = "none" if packed else dataflow_of(hardware.array.dataflow).tile_bits
    return replace(_plain(gemm, hardware), granule=size, bitmap=not packed, tile_bits=tile_bits, packed=packed)


LARGEST_COUNT = 1 << 62


def _plain(gemm: Gemm, hardware: Hardware) -> Product:
    rows, cols = hardware.array.rows, hardware.array.cols
    moves = -(-gemm.m // cols) * cols * (gemm.k + rows) * (gemm.n + cols) * gemm.repeat
    if 16 * moves * max(rows, hardware.array.pe_stages) > LARGEST_COUNT:
        raise ValueError(f"gemm {gemm.name}: {gemm.m}x{gemm.k}x{gemm.n} is too large: its counts leave 64 bits")
    formats = _checked_formats(gemm, hardware)
    return Product(gemm.m, gemm.k, gemm.n, gemm.k, formats, gemm.bias, not gemm.stationary_known)


def note(gemm: Gemm, hardware: Hardware) -> str | None:
    """One sentence where a mask kills weights and the machine can use none of it."""
    if gemm.tiles is None or gemm.tiles.alive.all():
        return None
    product = product_of(gemm, hardware)
    if product.kept != (1, 1) or (product.alive is not None and not product.alive.all()):
        return None
    n, m = hardware.sparsity.n, hardware.sparsity.m
    why = {
        "none": "the machine has no support for sparsity",
        "n_m": f"of some {m} neighbours along the reduction more than {n} live"
        if gemm.k > n
        else f"its reduction of {gemm.k} is no longer than the {n} that are stored of every {m}",
    }.get(hardware.sparsity.kind, f"no granule of {product.granule[0]}x{product.granule[1]} (k x n) is dead throughout")
    return f"{gemm.name}: the mask (density {gemm.tiles.density:.3f}) saves nothing: {why}"


def _checked_formats(gemm: Gemm, hardware: Hardware) -> Formats:
    """Formats, refused where an operand is wider than the array's registers."""
    formats = formats_of(gemm, hardware)
    array = (hardware.array.activation_format, hardware.array.weight_format)
    for operand, asked, has in zip(("activations", "weights"), formats, array, strict=True):
        if FORMAT_BYTES[asked] > FORMAT_BYTES[has]:
            raise ValueError(f"gemm {gemm.name}: {asked} {operand} do not fit the {has} registers of {hardware.name}")
    return formats


def _compressed(gemm: Gemm, tiles: TileMask, hardware: Hardware) -> Product:
    """N:M: the reduction shortened to n of every m, where the mask allows it everywhere; dense where nothing is won."""
    n, m = hardware.sparsity.n, hardware.sparsity.m
    if gemm.k <= n:
        return _plain(gemm, hardware)
    rows = tiles.retile((1, tiles.tile[1])).alive
    padded = np.zeros((ceil(gemm.k / m) * m, rows.shape[1]), bool)
    padded[: gemm.k] = rows
    if n == m or (padded.reshape(-1, m, rows.shape[1]).sum(axis=1) > n).any():
        return _plain(gemm, hardware)
    return replace(_plain(gemm, hardware), k=gemm.k // m * n + min(n, gemm.k % m), kept=(n, m))
