"""How much a conclusion leans on the model of the host: speed-up by pruning with half, once and twice its work.

python -m benchmarks.host_sensitivity [OUT]
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from hw_models import Hardware, simulate
from hw_models.random_masks import with_density
from hw_models.shapes import shape_program

NETWORKS = ("vit-base", "whisper-base", "bert-base")
SIDES = (8, 16, 32)
SCALES = (0.5, 1.0, 2.0)
DENSITY = 0.7
COLUMNS = ("network", "array", "host_scale", "cycles_dense", "host_share_dense", "speedup")


def rows() -> list[dict[str, object]]:
    """A row a network, array and scale: 30 % of the tiles of every weight matrix dead at random."""
    found = []
    for name in NETWORKS:
        dense = shape_program(name)
        for side in SIDES:
            masked = with_density(dense, DENSITY, (side, side), 0)
            for scale in SCALES:
                machine = Hardware.load("edge16").with_(**{"array.size": side, "host.scale": scale})
                whole, pruned = simulate(dense, machine), simulate(masked, machine)
                share = whole.figures["host_cycles"] / whole.cycles
                cells = (name, side, scale, whole.cycles, round(share, 4), round(whole.cycles / pruned.cycles, 4))
                found.append(dict(zip(COLUMNS, cells, strict=True)))
    return found


def draw(found: list[dict[str, object]], folder: Path) -> None:
    """Speed-up by array size, a panel a network; the band reaches from twice to half the host's work."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(NETWORKS), figsize=(10, 3.2), sharey=True)
    for panel, name in zip(panels, NETWORKS, strict=True):
        low, middle, high = (
            [one["speedup"] for one in found if (one["network"], one["host_scale"]) == (name, scale)]
            for scale in (2.0, 1.0, 0.5)
        )
        places = range(len(SIDES))
        panel.fill_between(places, low, high, alpha=0.3, label="host work x 0.5 to x 2")
        panel.plot(places, middle, "o-", label="as modelled")
        panel.axhline(1 / DENSITY, color="0.7", linestyle=":", label="all work skipped with its tiles")
        panel.set_xticks(list(places), [f"{side}x{side}" for side in SIDES])
        panel.set_title(name)
        panel.set_xlabel("array")
    panels[0].set_ylabel("speed-up, 30 % of tiles dead")
    panels[0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(folder / "host_sensitivity.svg", metadata={"Date": None})
    figure.savefig(folder / "host_sensitivity.png", dpi=150)


def main() -> None:
    """Write the table and the figure."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/bench")
    folder.mkdir(parents=True, exist_ok=True)
    found = rows()
    with (folder / "host_sensitivity.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(found)
    draw(found, folder)


if __name__ == "__main__":
    main()
