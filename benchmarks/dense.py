"""What each workload's dense model is worth, beside what its authors say; and where its time goes on a machine.

python -m benchmarks.dense [NAME ...] [--full] [--device cuda] [--hardware edge16] [--out results/dense]
"""

from __future__ import annotations

import argparse
import csv
import logging
import time
from pathlib import Path

import codesign
from benchmarks.dense_cases import CASES, Case
from codesign.quality import METRICS
from hw_models import Cost, Hardware, simulate

Record = dict[str, str | int | float]
SHARES = {
    "weights": "products by weights",
    "attention": "products of attention",
    "waiting": "waiting for DRAM",
    "softmax": "host: softmax",
    "host": "host: all else",
}


def main() -> None:
    """Measure the cases asked for; those measured before stay in the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dense", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CASES)}; none: all")
    parser.add_argument("--full", action="store_true", help="evaluate everything there is")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--hardware", default="edge16")
    parser.add_argument("--out", type=Path, default=Path("results/dense"))
    asked = parser.parse_args()
    if unknown := sorted(set(asked.names) - CASES.keys()):
        parser.error(f"{unknown[0]!r} is not one of {', '.join(CASES)}")
    asked.out.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.WARNING)
    found = {str(record["name"]): record for record in _stored(asked.out / "table.csv")}
    for name in asked.names or [name for name, case in CASES.items() if case.data_is_here]:
        found[name] = measured(name, CASES[name], Hardware.load(asked.hardware), asked.full, asked.device)
        records = [found[known] for known in CASES if known in found]
        _store(asked.out / "table.csv", records)
        (asked.out / "README.md").write_text(page(records))
        print(found[name])


def measured(name: str, case: Case, machine: Hardware, full: bool = False, device: str = "cpu") -> Record:
    """One line of the table. Quality in fp32, as loaded; seconds of processor time of the evaluation alone."""
    workload = codesign.load_workload(case.workload, **case.options, full=full, device=device)
    start = time.process_time()
    quality = codesign.evaluate(workload)
    seconds = time.process_time() - start
    cost = simulate(codesign.lower(workload), machine)
    request = ", ".join(f"{fact} {value}" for fact, value in workload.data.request.facts.items())
    return {
        "name": name, "model": workload.source, "data": workload.data.note, "metric": quality.metric,
        "quality": quality.value, "low": quality.low, "high": quality.high, "n": quality.n,
        "evaluation_cpu_s": round(seconds, 1), "device": device, "request": request, "hardware": machine.name,
        "latency_ms": cost.latency_ms, "gmac": cost.figures["macs"] / 1e9, **shares(cost),
    }  # fmt: skip


def shares(cost: Cost) -> dict[str, float]:
    """Of all cycles, by what takes them; they add up to 1."""
    cycles = dict.fromkeys(SHARES, 0)
    for layer in cost.layers:
        known = getattr(layer.op, "stationary_known", None)
        cycles["weights" if known else "attention"] += layer.figures["busy_cycles"]
        cycles["waiting"] += layer.figures["stall_cycles"]
        cycles["softmax" if getattr(layer.op, "kind", "") == "softmax" else "host"] += layer.figures["host_cycles"]
    return {what: count / cost.cycles for what, count in cycles.items()}


def page(records: list[Record]) -> str:
    """The same as Markdown, with the authors' figures beside ours."""
    (hardware,) = {str(record["hardware"]) for record in records}
    lines = [
        "# The dense models, and where their time goes", "",
        "Written by `python -m benchmarks.dense`, as is `table.csv`; 95 % intervals by bootstrap. Weights in fp32,",
        "nothing pruned.", "",
        "| model | metric | ours | interval | n | CPU s | the authors report | why ours differs |",
        "|---|---|---|---|---|---|---|---|", *map(_quality_line, records), "", "Models and data:", "",
        *(f"* {CASES[str(one['name'])].title}: {one['model']}. Data: {one['data']}." for one in records), "",
        f"## Where the time goes on `{hardware}`", "",
        "Share of all cycles of one request. Waiting is what of the memory's time the array's work does not hide.", "",
        f"| model | request | GMAC | latency, ms | {' | '.join(SHARES.values())} |", "|---" * (4 + len(SHARES)) + "|",
        *map(_time_line, records), "",
    ]  # fmt: skip
    return "\n".join(lines)


def _quality_line(one: Record) -> str:
    case, plain = CASES[str(one["name"])], METRICS[str(one["metric"])].unit != "ratio"
    value, low, high = (
        f"{float(one[key]):.2f}" if plain else f"{float(one[key]) * 100:.1f} %" for key in ("quality", "low", "high")
    )
    cells = (
        case.title, one["metric"], value, f"{low} to {high}", one["n"], one["evaluation_cpu_s"], case.authors, case.why
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def _time_line(one: Record) -> str:
    share = (f"{float(one[what]) * 100:.0f} %" for what in SHARES)
    cells = (
        CASES[str(one["name"])].title, one["request"], f"{float(one['gmac']):.3g}", f"{float(one['latency_ms']):.3g}"
    )  # fmt: skip
    return f"| {' | '.join((*cells, *share))} |"


def _stored(path: Path) -> list[Record]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _store(path: Path, records: list[Record]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)


if __name__ == "__main__":
    main()
