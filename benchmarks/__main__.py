"""`python -m benchmarks`: our engines beside their peers, as JSON lines, and the plot of cost against size."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks import figure, ours, peers
from benchmarks.workloads import SIZES, WORKLOADS

EVENT_MACS = 3e9  # what the event engine is asked for here; a LLaMA layer on a small array would take it minutes


def main() -> None:
    """Measure, print a line each, write lines and figures."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument(
        "--peers", nargs="*", default=list(peers.PEERS), choices=list(peers.PEERS), help="none: ours alone"
    )
    options.add_argument("--sizes", nargs="*", type=int, default=list(SIZES), help="sides of the array")
    options.add_argument("--workloads", nargs="*", default=list(WORKLOADS), choices=list(WORKLOADS))
    options.add_argument("--out", type=Path, default=ours.here() / "out" / "bench")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    records = []
    with (chosen.out / "bench.jsonl").open("w") as file:
        for record in _records(chosen.peers, chosen.sizes, chosen.workloads):
            records.append(record)
            print(json.dumps(record), flush=True)
            file.write(json.dumps(record) + "\n")
            file.flush()
        for record in (*figure.lines(records), *figure.ratios(records)):
            print(json.dumps(record))
            file.write(json.dumps(record) + "\n")
    figure.draw(records, chosen.out)


def _records(chosen_peers: list[str], sizes: list[int], workloads: list[str]) -> Iterator[dict[str, object]]:
    yield ours.llama_record()
    for side in (16, 32):
        yield ours.points_record(side)
    yield from ours.growth_records()
    for name in workloads:
        products = WORKLOADS[name]
        for side in sizes:
            yield ours.engine_record(name, products, side, "fast")
            if sum(one.macs for one in products) * (32 / side) ** 2 < EVENT_MACS:
                yield ours.engine_record(name, products, side, "event")
            for key in chosen_peers:
                yield peers.peer_record(key, name, products, side)


main()
