"""What SCALE-Sim 3.0.0's sparse report says that a layer's weights take, in words.

With k x n weights of which N:M keeps k' rows, the same in every column: CSR and CSC hold a value and an index for each
kept weight and a pointer for each row (column) and one more; blocked ELLPACK a value, and ceil(log2 M) bits of index, a
word having 32. SCALE-Sim calls the metadata "reads" too, though no cycle and no other count contains them.

Source: read from the reports of version 3.0.0 and compared with them row by row, see tests/values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Representation = Literal["csr", "csc", "ellpack_block"]
WORD_BITS = 32


@dataclass(frozen=True)
class FilterStorage:
    """Words of one layer's weights: dense, compressed with metadata, and the metadata alone."""

    representation: Representation
    original: int
    new: int | float
    metadata: int | float


def kept_rows(k: int, n_of_m: tuple[int, int]) -> int:
    """Rows that N:M keeps of k: the first N of each M, in the last group too."""
    kept, group = n_of_m
    return k // group * kept + min(k % group, kept)


def filter_storage(k: int, n: int, n_of_m: tuple[int, int], representation: Representation) -> FilterStorage:
    """Of a layer with k x n weights."""
    values = kept_rows(k, n_of_m) * n
    if representation == "ellpack_block":
        metadata = values * (n_of_m[1] - 1).bit_length() / WORD_BITS
    else:
        metadata = values + (k if representation == "csr" else n) + 1
    return FilterStorage(representation, k * n, values + metadata, metadata)
