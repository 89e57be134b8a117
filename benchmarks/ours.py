"""Our two engines, cold: everything that the package remembers between runs is forgotten before each."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.workloads import Product
from hw_models import Gemm, Hardware, Program, simulate
from hw_models.random_masks import with_density
from hw_models.shapes import shape_program

LONG_ENOUGH_S = 0.5


def machine(side: int) -> Hardware:
    """What SCALE-Sim simulates in its CALC mode: serial folds, int8, memory that never makes the array wait."""
    return Hardware.load("edge16").with_(
        **{
            "name": f"serial{side}", "array.size": side, "array.overlap": "serial", "array.activation_format": "int8",
            "sparsity.kind": "none", "dram": None,
        }
    )  # fmt: skip


def program(products: Iterable[Product]) -> Program:
    """The products as a program, each once, as the peers run them."""
    return Program(tuple(Gemm(one.name, one.m, one.k, one.n) for one in products))


def forget() -> None:
    """Empty every cache of hw_models, so that a run is a run."""
    for name, module in list(sys.modules.items()):
        if name.startswith("hw_models"):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def cpu_s(work: Callable[[], object], cold: bool = True) -> float:
    """Processor seconds of one run: the mean of as many as take half a second, after one that is not counted."""
    work()
    runs, spent = 0, 0.0
    while spent < LONG_ENOUGH_S:
        if cold:
            forget()
        begin = time.process_time()
        work()
        spent += time.process_time() - begin
        runs += 1
    return spent / runs


def engine_record(workload: str, products: tuple[Product, ...], side: int, engine: str) -> dict[str, object]:
    """Cycles of each product and processor time of all of them together."""
    hardware, everything = machine(side), program(products)
    cost = simulate(everything, hardware, engine=engine)
    seconds = cpu_s(lambda: simulate(everything, hardware, engine=engine))
    return {
        "tool": f"codesign {engine}", "workload": workload, "array": side, "cpu_s": seconds,
        "cycles": {layer.name: layer.cycles for layer in cost.layers},
    }  # fmt: skip


def llama_record() -> dict[str, object]:
    """LLaMA-7B, 32 layers, 512 tokens, 30 % of all tiles dead at random, on 16x16; compiled code warm, caches cold."""
    hardware = Hardware.load("edge16")
    dense = shape_program("llama-7b", seq=512)
    _ = simulate(with_density(shape_program("vit-base"), 0.7, (16, 16), 1), hardware).energy  # compile
    begin = time.process_time()
    masked = with_density(dense, 0.7, (16, 16), 0)
    drawn = time.process_time()
    forget()
    begin_run, wall = time.process_time(), time.perf_counter()
    cost = simulate(masked, hardware)
    total_pj = cost.energy.total_pj
    return {
        "tool": f"codesign {cost.engine}", "workload": "llama-7b, 512 tokens, 30 % of tiles dead", "array": 16,
        "cpu_s": time.process_time() - begin_run, "wall_s": time.perf_counter() - wall,
        "masks_cpu_s": drawn - begin, "cycles": cost.cycles, "energy_uj": total_pj / 1e6,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def points_record(side: int) -> dict[str, object]:
    """Masked ViT-Base design points a minute: other masks each time, cycles and energy of all 12 blocks."""
    hardware = Hardware.load("edge16").with_(**{"array.size": side})
    dense = shape_program("vit-base")
    points = [with_density(dense, 0.7, (side, side), seed) for seed in range(8)]
    for point in points:
        _ = simulate(point, hardware).energy  # compile
    turn = iter(range(1 << 30))
    seconds = cpu_s(lambda: simulate(points[next(turn) % len(points)], hardware).energy.total_pj, cold=False)
    drawing = cpu_s(lambda: with_density(dense, 0.7, (side, side), next(turn)), cold=False)
    return {
        "tool": "codesign fast", "workload": "vit-base design point, 30 % of tiles dead", "array": side,
        "cpu_s": seconds, "points_a_minute": 60 / seconds,
        "masks_cpu_s": drawing, "points_a_minute_with_new_masks": 60 / (seconds + drawing),
    }  # fmt: skip


def growth_records() -> list[dict[str, object]]:
    """Processor time against size: masked products of growing width on 16x16, both engines; size is live tiles."""
    hardware, records = Hardware.load("edge16"), []
    widths = {"fast": (256, 512, 1024, 2048, 4096, 8192, 16384, 32768), "event": (128, 256, 512, 1024, 2048)}
    for engine, sides in widths.items():
        for side in sides:
            one = with_density(Program((Gemm(f"{side}", 64, side, side),)), 0.7, (16, 16), 0)
            seconds = cpu_s(lambda one=one, engine=engine: simulate(one, hardware, engine=engine))
            live = int(one.ops[0].tiles.alive.sum())
            record = {"tool": f"codesign {engine}", "workload": "growth", "array": 16, "size": live, "cpu_s": seconds}
            records.append(record)
    return records


def here() -> Path:
    """The repository."""
    return Path(__file__).resolve().parents[1]
