"""Cost against size, and the table of ratios."""

from __future__ import annotations

from pathlib import Path

Record = dict[str, object]


def draw(records: list[Record], folder: Path) -> None:
    """Processor time against live tiles, and the straight line a + b x tiles nearest to each engine's points."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6))
    for panel, tool in zip(axes, ("codesign fast", "codesign event"), strict=True):
        points = sorted((one["size"], one["cpu_s"]) for one in records if one["tool"] == tool and "size" in one)
        if not points:
            continue
        line = straight(points)
        sizes, seconds = zip(*points, strict=True)
        panel.plot(sizes, seconds, "o")
        panel.plot(sizes, [line["fixed_s"] + line["s_a_tile"] * size for size in sizes], "-", color="0.7", zorder=0)
        panel.set_title(f"{tool}: {_time(line['s_a_tile'])} a live tile, $R^2$ = {line['r_squared']:.3f}", fontsize=10)
        panel.set_xlabel("live tiles of 16x16, 64 rows streamed")
    axes[0].set_ylabel("processor time of one simulation, s")
    figure.tight_layout()
    for suffix in ("svg", "png"):
        figure.savefig(folder / f"cost_against_size.{suffix}", dpi=150, metadata=_undated(suffix))


def _time(seconds: float) -> str:
    return f"{seconds * 1e9:.3g} ns" if seconds < 1e-6 else f"{seconds * 1e6:.3g} us"


def straight(points: list[tuple[float, float]]) -> dict[str, float]:
    """Least squares of seconds = fixed + slope x tiles, each point weighed alike."""
    count = len(points)
    mean_x, mean_y = (sum(values) / count for values in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    fixed = mean_y - slope * mean_x
    left = sum((y - fixed - slope * x) ** 2 for x, y in points)
    total = sum((y - mean_y) ** 2 for _, y in points)
    return {"fixed_s": fixed, "s_a_tile": slope, "r_squared": 1 - left / total}


def _undated(suffix: str) -> dict[str, None]:
    return {"Date": None} if suffix == "svg" else {}


def lines(records: list[Record]) -> list[Record]:
    """The straight line of each engine."""
    found = []
    for tool in ("codesign fast", "codesign event"):
        points = [(one["size"], one["cpu_s"]) for one in records if one["tool"] == tool and "size" in one]
        if points:
            found.append({"line_of": tool, **straight(points)})
    return found


def ratios(records: list[Record]) -> list[Record]:
    """How many times faster ours is than each peer on the same products and array, and whether cycles agree."""
    ours = {(one["tool"], one["workload"], one["array"]): one for one in records if "cpu_s" in one}
    found = []
    for peer in records:
        if str(peer["tool"]).startswith("codesign") or "cpu_s" not in peer:
            continue
        for engine in ("fast", "event"):
            mine = ours.get((f"codesign {engine}", peer["workload"], peer["array"]))
            if mine is not None:
                record = {
                    "ratio_to": peer["tool"], "engine": engine, "workload": peer["workload"], "array": peer["array"],
                    "times_faster": peer["cpu_s"] / mine["cpu_s"],
                }  # fmt: skip
                if str(peer["tool"]).startswith("SCALE-Sim"):
                    record["cycles_equal"] = all(
                        mine["cycles"][name] == told + 1 for name, told in peer["cycles"].items()
                    )
                found.append(record)
    return found
