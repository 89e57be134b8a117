"""What tests in several folders need."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from codesign.rows import Row

LAYERS = (
    "encoder.layers.0.fc1",
    "encoder.layers.0.fc2",
    "encoder.layers.0.self_attn.q_proj",
    "encoder.layers.0.softmax",
)


def made_row(method: str, repair: str, side: int, ratio: float, **changes: object) -> Row:
    """A row as a sweep would write it; its figures come of a formula, for tests of what reads rows."""
    steep = 2.2 if repair == "none" else 0.35
    quality = 0.03 + ratio * steep * (side / 4) ** 0.25
    dense = 1_000_000_000 // side**2 + 5_000_000
    cycles = round(dense * (1 - 0.4 * ratio))
    facts: dict[str, object] = {
        "key": f"{abs(hash((method, repair, side, ratio, str(changes)))):016x}"[:16],
        "workload": "speech", "method": method, "repair": repair, "pruned_ratio": ratio, "block_rows": side,
        "block_cols": side, "scope": "encoder-ff", "ranking": "global", "weight_format": "int8",
        "hardware": f"edge16 array.size={side}", "array_rows": side, "array_cols": side,
        "dataflow": "weight_stationary", "overlap": "double_buffered", "seed": 0,
        "design_json": json.dumps({"workload": {"name": "speech"}, "hardware": {"base": "edge16", "array.size": side}}),
        "quality_metric": "wer", "quality_unit": "ratio", "quality_goal": "min", "quality": min(1.0, quality),
        "quality_dense": 0.03, "quality_low": min(1.0, quality) * 0.8, "quality_high": min(1.0, quality * 1.2),
        "quality_n": 48, "quality_raw": quality, "weight_density": 1 - ratio / 2, "mac_density": 1 - ratio / 2,
        "tile_density": 1 - ratio / 2, "params_removed_ratio": ratio / 8, "cycles": cycles, "cycles_dense": dense,
        "speedup": dense / cycles, "speedup_vs_reference": (1_000_000_000 / 16 + 5_000_000) / cycles,
        "latency_ms": cycles / 500_000, "energy_uj": cycles / 900 * side**0.8,
        "energy_dense_uj": dense / 900 * side**0.8, "energy_ratio": cycles / dense,
        "area_mm2": 0.2 + side**2 * 0.002, "edp": 1.0, "utilization": 0.6,
        "bound_cycles": cycles // 2, "dram_read_bytes": 4_000_000, "dram_write_bytes": 1_000_000, "engine": "fast",
        "version": "0.1.0", "git_commit": "abc1234", "wall_s": 1.0,
    }  # fmt: skip
    return Row(**{**facts, **changes})


@pytest.fixture
def made_rows() -> list[Row]:
    """Two methods, four arrays, five rates, as in the default sweep."""
    axes = itertools.product((("magnitude", "none"), ("wanda", "least_squares")), (4, 8, 16, 32), (0.0, 0.1, 0.2, 0.3))
    return [made_row(*method, side, ratio) for method, side, ratio in axes]


@pytest.fixture
def made_store(tmp_path: Path, made_rows: list[Row]) -> Path:
    """A store of those rows, with layers."""
    import pandas as pd

    folder = tmp_path / "made"
    (folder / "layers").mkdir(parents=True)
    (folder / "rows.jsonl").write_text("".join(row.to_json() + "\n" for row in made_rows))
    for row in made_rows:
        pd.DataFrame([made_layer(name, row) for name in LAYERS]).to_parquet(folder / "layers" / f"{row.key}.parquet")
    return folder


def made_layer(name: str, row: Row) -> dict[str, object]:
    """One line of `layers/<key>.parquet`."""
    host = name.endswith("softmax")
    share = (1 - row.pruned_ratio) if "fc" in name else 1.0
    dense = int((row.cycles_dense or 0) / len(LAYERS))
    cycles = int(dense * share)
    cost = {
        "cycles": cycles, "busy_cycles": 0 if host else cycles, "stall_cycles": 0, "host_cycles": cycles if host else 0,
        "macs": 0 if host else 10_000_000, "macs_skipped": 0 if host else int(10_000_000 * (1 - share)),
        "dram_read_bytes": 0 if host else 300_000, "dram_write_bytes": 100_000,
        **{f"{part}_pj": cycles * 40.0 for part in ("mac", "register", "sram", "dram", "host", "leakage")},
    }  # fmt: skip
    before = {"cycles_dense": dense, "host_cycles_dense": dense if host else 0}
    before |= {f"{part}_pj_dense": dense * 40.0 for part in ("mac", "register", "sram", "dram", "host", "leakage")}
    return {
        "name": name, "kind": "host" if host else "gemm", "peak_dram_bytes_per_cycle": 25.6, **cost, **before
    }  # fmt: skip
