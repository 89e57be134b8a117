"""The page: one HTML file that needs no network, to look at, filter, and send to somebody."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.report.figures import DRAWINGS
from codesign.report.results import Results, array_label, method_label, on_front
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
    "dram_read_bytes",
)  # fmt: skip
_PLOTLY_MARKS = dict(
    zip(MARKERS, ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "x", "star"), strict=True)
)


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
    goals = ("speedup_vs_reference", "quality") if scale else ("speedup_vs_reference", "energy_uj")
    return {
        "name": name,
        "notes": results.notes.get(str(rows["workload"].iloc[0]), {}),
        "figures": figures,
        "front": [_front_row(row, scale) for _, row in _front(rows, goals).iterrows()],
        "quality_label": scale.label if scale else None,
        "count": len(rows),
    }


def _quality_label(results: Results, workload: str) -> str | None:
    scale = QualityScale.of(results.of(workload))
    return scale.label if scale else None


def _front(rows: pd.DataFrame, goals: tuple[str, str]) -> pd.DataFrame:
    """Of rows that are the same (dense, whatever the method) one is enough."""
    best = rows[on_front(rows, goals)].sort_values(goals[0])
    return best.drop_duplicates(["hardware", "pruned_ratio", *goals])


def _front_row(row: pd.Series, scale: QualityScale | None) -> dict[str, Any]:
    factor, suffix = (scale.factor, scale.suffix) if scale else (1.0, "")
    return {
        "key": row["key"],
        "array": array_label(row),
        "method": method_label(row),
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
        array=rows.apply(array_label, axis=1), kind=rows.apply(method_label, axis=1),
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
