"""The page: one HTML file that needs no network, to look at, filter, and send to somebody."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.report.figures import DRAWINGS
from codesign.report.results import ALLOWED, DEFAULT_OBJECTIVES, Results, on_front, wish
from codesign.report.scales import QualityScale
from codesign.report.style import MARKERS, PALETTE
from codesign.rows import MEANING, UNIT
from codesign.rows.objective import objectives

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = (
    "key", "workload", "method", "repair", "pruned_ratio", "block_rows", "block_cols", "scope", "weight_format",
    "hardware", "array_rows", "array_cols", "dataflow", "seed", "quality", "quality_low", "quality_high",
    "quality_dense", "quality_n", "speedup", "speedup_vs_reference", "latency_ms", "energy_uj", "energy_ratio",
    "area_mm2", "edp", "utilization", "weight_density", "tile_density", "params_removed_ratio", "cycles",
    "dram_read_bytes", ALLOWED,
)  # fmt: skip
_PLOTLY_MARKS = dict(zip(MARKERS, (
    "circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "x", "star", "triangle-left",
    "triangle-right",
), strict=True))  # fmt: skip


def write_page(results: Results, drawn: Mapping[tuple[str, str], Path], out: Path) -> Path:
    """`index.html` in `out`; everything it shows is inside it."""
    from jinja2 import Environment, FileSystemLoader, select_autoescape
    from plotly.offline import get_plotlyjs

    here = Path(__file__).parent / "template"
    environment = Environment(loader=FileSystemLoader(here), autoescape=select_autoescape(("html",)), trim_blocks=True)
    page = environment.get_template("page.html").render(
        workloads=[_workload(results, name, drawn) for name in results.workloads],
        data=_script_json(
            {
                "rows": _records(results),
                "axes": _axes(),
                "start": _start(results),
                "qualities": {name: _quality_label(results, name) for name in results.workloads},
                "palette": PALETTE,
                "marks": list(_PLOTLY_MARKS.values()),
            }
        ),
        failed=results.failed[["key", "workload", "method", "hardware", "error"]].to_dict("records"),
        provenance=_provenance(results),
        columns=[(name, UNIT[name], MEANING[name]) for name in MEANING],
        plotly=get_plotlyjs(),
        script=(here / "page.js").read_text(),
        style=(here / "page.css").read_text(),
        name=out.resolve().name,
    )
    path = out / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def _workload(results: Results, name: str, drawn: Mapping[tuple[str, str], Path]) -> dict[str, Any]:
    rows = results.of(name)
    scale = QualityScale.of(rows)
    figures = [
        {"title": one.title, "caption": one.caption, "image": _inline(drawn[name, one.name])}
        for one in DRAWINGS
        if (name, one.name) in drawn
    ]
    goals = _goals(results, name)
    return {
        "name": name,
        "notes": results.notes.get(str(rows["workload"].iloc[0]), {}),
        "figures": figures,
        "front": [_front_row(row, scale) for _, row in _front(rows, goals).iterrows()],
        "quality_label": scale.label if scale else None,
        "goals": " and ".join(_told(goal, scale) for goal in goals),
        "constraints": results.wished(name).constraints,
        "refused": int((~rows[ALLOWED]).sum()),
    }


def _goals(results: Results, workload: str) -> tuple[str, ...]:
    """What the front is of: the space's objectives that these rows have, else speed-up and quality or energy."""
    rows = results.of(workload)

    def there(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if np.isfinite(wish(name).values(rows)).any())

    goals = there(results.wished(workload).objectives)
    return goals if len(goals) > 1 else there((*DEFAULT_OBJECTIVES, "energy_uj"))[:2]


def _told(goal: str, scale: QualityScale | None) -> str:
    return scale.label.split(" (")[0].lower() if goal == "quality" and scale else wish(goal).label.lower()


def _start(results: Results) -> list[str]:
    """The axes that the interactive plots begin with: the first workload's goals, where they are columns."""
    goals = [name for name in _goals(results, results.workloads[0]) if wish(name).formula is None]
    return list(dict.fromkeys([*goals, "speedup_vs_reference", "energy_uj"]))[:2]


def _quality_label(results: Results, workload: str) -> str | None:
    scale = QualityScale.of(results.of(workload))
    return scale.label if scale else None


def _front(rows: pd.DataFrame, goals: tuple[str, ...]) -> pd.DataFrame:
    """Of rows that are the same (dense, whatever the method) one is enough."""
    values = {f"goal {name}": wish(name).values(rows) for name in goals}  # an objective may be no column
    best = rows.assign(**values)[on_front(rows, goals)].sort_values(f"goal {goals[0]}")
    return best.drop_duplicates(["hardware", "pruned_ratio", *values])


def _front_row(row: pd.Series, scale: QualityScale | None) -> dict[str, Any]:
    factor, suffix = (scale.factor, scale.suffix) if scale else (1.0, "")
    return {
        "key": row["key"],
        "array": row["array"],
        "method": row["kind"],
        "rate": f"{row['pruned_ratio'] * 100:.0f} %",
        "quality": f"{row['quality'] * factor:.2f}{suffix}" if scale else "",
        "interval": f"{row['quality_low'] * factor:.2f} to {row['quality_high'] * factor:.2f}" if scale else "",
        "speedup": f"{row['speedup']:.3f}",
        "speedup_vs_reference": f"{row['speedup_vs_reference']:.2f}",
        "latency": f"{row['latency_ms']:.2f}",
        "energy": f"{row['energy_uj'] / 1000:.2f}",
        "area": f"{row['area_mm2']:.3f}",
        "config": json.dumps(json.loads(row["design_json"]), indent=1),
        "command": f"codesign run --design {shlex.quote(row['design_json'])}",
    }


def _records(results: Results) -> list[dict[str, Any]]:
    rows = results.finished
    shown = rows[list(_SHOWN)].assign(
        array=rows["array"], kind=rows["kind"],
        quality_goal=rows["quality_goal"], quality_unit=rows["quality_unit"], quality_metric=rows["quality_metric"],
    )  # fmt: skip
    return json.loads(shown.to_json(orient="records", double_precision=6))  # type: ignore[no-any-return]


def _axes() -> list[dict[str, str]]:
    return [
        {"name": one.name, "label": one.label, "unit": one.unit} for one in objectives().values() if one.formula is None
    ]


def _provenance(results: Results) -> dict[str, Any]:
    rows = results.rows
    return {
        "rows": len(results.finished),
        "failed": len(results.failed),
        "versions": ", ".join(sorted(set(rows["version"]))),
        "commits": ", ".join(sorted({commit for commit in rows["git_commit"] if commit})) or "not known",
        "engines": ", ".join(sorted({engine for engine in rows["engine"] if engine})),
        "left_out": ", ".join(f"{count} of version {name}" for name, count in results.other_versions.items()),
        "hours": f"{rows['wall_s'].sum() / 3600:.2f}",
    }


def _inline(svg: Path) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.read_bytes()).decode()


def _script_json(value: object) -> str:
    """JSON that may stand inside a script element: no `<` can end it, no line separator can break it."""
    text = json.dumps(value, allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
