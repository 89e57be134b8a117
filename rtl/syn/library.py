"""Cell libraries: what yosys and OpenSTA must be told of each, and what is read out of the liberty file itself."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Library:
    """An open standard-cell library at its typical corner."""

    name: str
    node_nm: int
    pattern: str
    """Of the liberty file's name."""
    nand2: str
    """The gate that a gate equivalent is counted in."""
    flip_flop: str
    """The one that dfflibmap takes for a plain register."""
    driver: str
    """Cell that drives the inputs."""
    load_ff: float
    """On every output."""
    licence: str


LIBRARIES = (
    Library(
        "ihp-sg13g2", 130, "ihp_sg13g2_stdcell*", "sg13g2_nand2_1", "sg13g2_dfrbp_1", "sg13g2_buf_2", 10.0, "Apache-2.0"
    ),
    Library(
        "sky130hd",
        130,
        "sky130hd_tt*",
        "sky130_fd_sc_hd__nand2_1",
        "sky130_fd_sc_hd__dfxtp_1",
        "sky130_fd_sc_hd__buf_2",
        10.0,
        "Apache-2.0",
    ),
    Library(
        "osu018", 180, "osu018_stdcells.lib", "NAND2X1", "DFFPOSX1", "BUFX2", 30.0, "Debian package qflow-tech-osu018"
    ),
)
"""The first one found is the one results are calibrated on."""

DEBIAN_OSU018 = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")


@dataclass(frozen=True)
class Liberty:
    """A library and its liberty file, unpacked."""

    library: Library
    path: Path
    sha256: str
    nand2_area_um2: float
    flip_flop_area_um2: float


def found(folder: Path | None, work: Path) -> list[Liberty]:
    """The libraries in a folder, unpacked into `work`; Debian's osu018 where no folder is given.

    Raises ValueError, naming what to install or to give, where there is none.
    """
    files = sorted(folder.glob("*")) if folder is not None else [DEBIAN_OSU018]
    pairs = [
        (library, file) for library in LIBRARIES for file in files if file.match(library.pattern) and file.is_file()
    ]
    if not pairs:
        raise ValueError(
            f"synth: no cell library in {folder or DEBIAN_OSU018.parent}; give --liberty a folder with one of "
            f"{', '.join(library.pattern for library in LIBRARIES)}, or install qflow-tech-osu018 (Debian)"
        )
    return [_unpacked(library, file, work) for library, file in pairs]


def _unpacked(library: Library, file: Path, work: Path) -> Liberty:
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    path = work / f"{library.name}.lib"
    path.write_bytes(content)
    text = content.decode("utf-8", "replace")
    areas = (_area(text, cell) for cell in (library.nand2, library.flip_flop))
    return Liberty(library, path, hashlib.sha256(content).hexdigest(), *areas)


def _area(text: str, name: str) -> float:
    cell = re.search(rf'cell\s*\(\s*"?{name}"?\s*\)\s*\{{(.*?)\bpin\b', text, re.S)
    area = re.search(r"\barea\s*:\s*([\d.]+)", cell[1]) if cell else None
    assert area is not None, f"no cell {name} with an area"
    return float(area[1])
