"""SCALE-Sim's configuration files: version 2 (general, architecture_presets, run_presets) and version 3 beside it."""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import cast, get_args

from hw_models.compat.scalesim.formulas import Dataflow
from hw_models.compat.scalesim.storage import Representation

DATAFLOWS: dict[str, Dataflow] = {
    "ws": "weight_stationary",
    "os": "output_stationary",
    "is": "input_stationary",
}

KNOWN = {
    "general": ("run_name",),
    "architecture_presets": (
        "ArrayHeight", "ArrayWidth", "IfmapSramSzkB", "FilterSramSzkB", "OfmapSramSzkB", "IfmapOffset",
        "FilterOffset", "OfmapOffset", "Bandwidth", "Dataflow", "MemoryBanks", "ReadRequestBuffer",
        "WriteRequestBuffer",
    ),
    "layout": (
        "IfmapCustomLayout", "IfmapSRAMBankBandwidth", "IfmapSRAMBankNum", "IfmapSRAMBankPort",
        "FilterCustomLayout", "FilterSRAMBankBandwidth", "FilterSRAMBankNum", "FilterSRAMBankPort",
    ),
    "sparsity": ("SparsitySupport", "SparseRep", "OptimizedMapping", "BlockSize", "RandomNumberGeneratorSeed"),
    "run_presets": ("InterfaceBandwidth", "UseRamulatorTrace"),
    "network_presets": ("TopologyCsvLoc",),
}  # fmt: skip
"""Sections and keys of versions 2 and 3. Forks add others; those that look like none of these are listed, not used."""

LARGEST = 2**31 - 1


@dataclass(frozen=True)
class ScaleSimConfig:
    """What a `.cfg` says about a machine; sizes in KiB, bandwidth in words (bytes) a cycle."""

    run_name: str
    rows: int
    cols: int
    dataflow: Dataflow
    ifmap_kib: int
    filter_kib: int
    ofmap_kib: int
    bandwidth_words: int | None  # None: InterfaceBandwidth is CALC, the array never waits for memory
    sparsity: Representation | None  # layer-wise N:M, the ratio of each layer stands in the topology; None: dense
    ignored: tuple[str, ...]  # section.key that neither version 2 nor version 3 knows


def read_config(path: str | Path) -> ScaleSimConfig:
    """Read and check a `.cfg`; `ValueError` names the file, the key, the value that came and what would do."""
    return _Reader(Path(path)).read()


class _Reader:
    """One file on its way to a `ScaleSimConfig`; holds the parser and the name for the error messages."""

    def __init__(self, path: Path) -> None:
        self._where = f"config {path.name}"
        self._parser = configparser.RawConfigParser()
        try:
            self._parser.read_string(path.read_text(encoding="utf-8"), source=path.name)
        except (OSError, UnicodeDecodeError, configparser.Error) as error:
            raise ValueError(f"{self._where}: {' '.join(str(error).split())}") from error

    def read(self) -> ScaleSimConfig:
        """Check the names, then the values."""
        ignored = self._foreign_keys()
        preset = "architecture_presets"
        return ScaleSimConfig(
            run_name=self._text("general", "run_name").strip("\"'") or "scale_run",
            rows=self._integer(preset, "ArrayHeight"),
            cols=self._integer(preset, "ArrayWidth"),
            dataflow=DATAFLOWS[self._choice(preset, "Dataflow", tuple(DATAFLOWS))],
            ifmap_kib=self._integer(preset, "IfmapSramSzkB"),
            filter_kib=self._integer(preset, "FilterSramSzkB"),
            ofmap_kib=self._integer(preset, "OfmapSramSzkB"),
            bandwidth_words=self._bandwidth(),
            sparsity=self._sparsity(),
            ignored=ignored,
        )

    def _foreign_keys(self) -> tuple[str, ...]:
        """Keys that no version knows; one that is nearly a known key is a slip of the pen and refused."""
        foreign = []
        for section in self._parser.sections():
            if section not in KNOWN:
                self._refuse_slip(section, tuple(KNOWN), f"section [{section}]")
            known = {key.lower(): key for key in KNOWN.get(section, ())}
            for key in self._parser.options(section):
                if key in known:
                    continue
                if section in KNOWN:
                    self._refuse_slip(key, tuple(known), f"{section}.{key}")
                foreign.append(f"{section}.{key}")
        return tuple(foreign)

    def _refuse_slip(self, name: str, known: tuple[str, ...], what: str) -> None:
        near = get_close_matches(name, known, n=1, cutoff=0.8)
        if near:
            raise ValueError(f"{self._where}: {what} is no name of SCALE-Sim's; did you mean {near[0]!r}?")

    def _text(self, section: str, key: str) -> str:
        try:
            return self._parser.get(section, key).strip()
        except configparser.NoSectionError as error:
            raise ValueError(f"{self._where}: section [{section}] is missing") from error
        except configparser.NoOptionError as error:
            raise ValueError(f"{self._where}: {section}.{key} is missing") from error

    def _integer(self, section: str, key: str) -> int:
        return self._positive(self._text(section, key), f"{section}.{key}")

    def _positive(self, text: str, what: str) -> int:
        value = parse_count(text)
        if value is None:
            raise ValueError(f"{self._where}: {what}: {text!r} is not a whole number from 1 to {LARGEST}")
        return value

    def _choice(self, section: str, key: str, choices: tuple[str, ...]) -> str:
        text = self._text(section, key)
        if text not in choices:
            raise ValueError(f"{self._where}: {section}.{key}: {text!r} is not one of {', '.join(choices)}")
        return text

    def _bandwidth(self) -> int | None:
        if self._choice("run_presets", "InterfaceBandwidth", ("CALC", "USER")) == "CALC":
            return None
        first = self._text("architecture_presets", "Bandwidth").split(",")[0].strip()
        return self._positive(first, "architecture_presets.Bandwidth")

    def _sparsity(self) -> Representation | None:
        """How kept weights are stored, if the topology's N:M column counts; version 2 files are dense."""
        if not (self._parser.has_section("sparsity") and self._flag("SparsitySupport")):
            return None
        if self._parser.has_option("sparsity", "OptimizedMapping") and self._flag("OptimizedMapping"):
            raise ValueError(
                f"{self._where}: sparsity.OptimizedMapping: SCALE-Sim draws its ratios by chance and ignores the "
                "topology's; only false can be reproduced"
            )
        return cast(Representation, self._choice("sparsity", "SparseRep", get_args(Representation)))

    def _flag(self, key: str) -> bool:
        text = self._text("sparsity", key).lower()
        if text not in ("true", "false"):
            raise ValueError(f"{self._where}: sparsity.{key}: {text!r} is not one of true, false")
        return text == "true"


def parse_count(text: str) -> int | None:
    """A whole number from 1 to `LARGEST` in plain ASCII digits, or None."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19):
        return None
    value = int(digits)
    return value if 1 <= value <= LARGEST else None
