"""How a cost reads on a terminal: the whole, then the layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

LAYERS_SHOWN = 40
COLUMNS = ("layer", "m", "k", "n", "repeat", "cycles", "busy", "stall", "host", "passes", "skipped", "energy uJ")
Document = dict[str, Any]  # Any: JSON


def cost_text(cost: Document) -> str:
    """The contract's JSON of `simulate` in lines of text."""
    return "\n".join([*_whole(cost), "", *_layers(cost["layers"])])


def _whole(cost: Document) -> Iterator[str]:
    machine, array, cycles = cost["hardware"], cost["hardware"]["array"], max(cost["cycles"], 1)
    shares = ", ".join(f"{part} {cost[f'{part}_cycles'] / cycles:.1%}" for part in ("busy", "stall", "host"))
    energy, area, bounds = cost["energy_pj"], cost["area_mm2"], cost["bounds"]
    yield (
        f"{machine['name']}: {array['rows']}x{array['cols']} {array['dataflow']}, {array['overlap']}, "
        f"{array['activation_format']} x {array['weight_format']}, {machine['clock_mhz']:g} MHz; "
        f"engine {cost['engine']}"
    )
    yield f"cycles       {cost['cycles']:,} ({shares}), {cost['latency_ms']:.6g} ms"
    yield f"bounds       compute {bounds['compute_cycles']:,}, memory {bounds['memory_cycles']:,} cycles"
    yield f"MACs         {cost['macs']:,}, {cost['macs_skipped']:,} skipped; utilization {cost['utilization']:.1%}"
    yield f"DRAM         {_bytes(cost['dram_read_bytes'])} read, {_bytes(cost['dram_write_bytes'])} written"
    yield f"SRAM         {_bytes(cost['sram_read_bytes'])} read, {_bytes(cost['sram_write_bytes'])} written"
    parts = ", ".join(f"{part} {energy[part] / max(energy['total'], 1e-300):.1%}" for part in energy if part != "total")
    yield f"energy       {energy['total'] / 1e6:,.6g} uJ ({parts})"
    yield f"             {cost['energy_source']['source']}"
    yield f"area         {area['total']:.4g} mm2 (array {area['array']:.4g}, SRAM {area['sram']:.4g})"
    for note in cost.get("notes", ()):
        yield f"note         {note}"
    compared = [layer["scalesim"]["total_cycles"] for layer in cost["layers"] if layer.get("scalesim")]
    if compared:
        yield f"SCALE-Sim 3  {sum(compared):,} cycles reported for one run of each layer; each layer's figures: --json"


def _layers(layers: list[Document]) -> Iterator[str]:
    """The layers in their order; of many, those with the most cycles."""
    shown = layers
    if len(layers) > LAYERS_SHOWN:
        least = sorted((layer["cycles"] for layer in layers), reverse=True)[LAYERS_SHOWN - 1]
        shown = [layer for layer in layers if layer["cycles"] >= least][:LAYERS_SHOWN]
    rows = [COLUMNS, *(_cells(layer) for layer in shown)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    for row in rows:
        numbers = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        yield "  ".join([row[0].ljust(widths[0]), *numbers])
    if len(shown) < len(layers):
        yield f"and {len(layers) - len(shown)} layers with fewer cycles; --json has them all"


def _cells(layer: Document) -> tuple[str, ...]:
    sizes = [f"{layer[side]:,}" if layer[side] is not None else "" for side in ("m", "k", "n")]
    counts = ("repeat", "cycles", "busy_cycles", "stall_cycles", "host_cycles", "passes", "passes_skipped")
    energy_uj = layer["energy_pj"]["total"] / 1e6
    return (layer["name"], *sizes, *(f"{layer[name]:,}" for name in counts), f"{energy_uj:,.4g}")


def _bytes(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.4g} {unit}"
    return f"{count} B"
