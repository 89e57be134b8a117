"""What there is to choose from, described: the tables behind `codesign ls` and the documentation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from codesign.explore.complaint import unknown

if TYPE_CHECKING:
    from codesign.workloads.table import WorkloadEntry

Members = list[dict[str, object]]


def members(kind: str) -> Members:
    """The members of a family; each has a `name` and says what it is."""
    if kind not in KINDS:
        raise unknown("ls", kind, KINDS)
    return KINDS[kind]()


def _methods() -> Members:
    from codesign.pruning import METHODS, Method
    from codesign.pruning.catalogue import installed

    table = METHODS | installed("codesign.methods", Method)  # type: ignore[type-abstract]  # only for issubclass
    return [
        {
            "name": one.name,
            "does": one.sentence,
            "needs": ", ".join(sorted(stat.name.lower() for stat in one.needs)),
            "options": _options(one.options),
            "reference": one.reference,
        }
        for one in table.values()
    ]


def _repairs() -> Members:
    from codesign.pruning import REPAIRS

    none: dict[str, object] = {"name": "none", "does": "Leaves what lives as it is.", "options": "", "reference": ""}
    return [none] + [
        {"name": one.name, "does": one.sentence, "options": _options(one.options), "reference": one.reference}
        for one in REPAIRS.values()
    ]


def _options(options: dict[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in options.items())


def _workloads() -> Members:
    from codesign.workloads import workloads

    return [{"name": one.name, "does": one.sentence, "options": _defaults(one)} for one in workloads().values()]


def _defaults(entry: WorkloadEntry) -> str:
    """The options' defaults, where what the workload is made of is installed."""
    try:
        fields = entry.home.OPTIONS.model_fields
    except ImportError as missing:
        return f"not installed: {missing}"
    return _options({name: field.default for name, field in fields.items()})


def _shapes() -> Members:
    from hw_models.shapes import SHAPES

    return [{"name": one.name, "is": one.summary, "source": one.source} for one in SHAPES.values()]


def _hardware() -> Members:
    from hw_models import Hardware
    from hw_models.machine_file import shipped_machines

    machines = map(Hardware.load, shipped_machines())
    return [
        {
            "name": one.name,
            "array": f"{one.array.rows}x{one.array.cols}",
            "dataflow": one.array.dataflow,
            "is": one.description,
        }
        for one in machines
    ]


def _dataflows() -> Members:
    from hw_models.dataflow import DATAFLOWS, dataflow_of, names

    def told(name: str) -> str:
        return DATAFLOWS[name][1] if name in DATAFLOWS else (type(dataflow_of(name)).__doc__ or "").split("\n")[0]

    return [{"name": name, "is": told(name)} for name in names()]


def _objectives() -> Members:
    from codesign.rows.objective import objectives

    return [
        {
            "name": one.name,
            "better": {"min": "less", "max": "more", "row": "as the metric says"}[one.goal],
            "unit": one.unit,
            "is": one.label,
        }
        for one in objectives().values()
    ]


def _metrics() -> Members:
    from codesign.quality import METRICS

    return [{"name": one.name, "does": one.sentence} for one in METRICS.values()]


def _spaces() -> Members:
    from codesign.explore.choices import shipped_spaces, space_file

    return [
        {"name": name, "is": space_file(name).read_text().splitlines()[0].lstrip("# ")} for name in shipped_spaces()
    ]


def _columns() -> Members:
    from codesign.rows import COLUMNS, MEANING, UNIT

    return [{"name": name, "unit": UNIT[name], "means": MEANING[name]} for name in COLUMNS]


KINDS: dict[str, Callable[[], Members]] = {
    "methods": _methods, "repairs": _repairs, "workloads": _workloads, "shapes": _shapes, "hardware": _hardware,
    "dataflows": _dataflows, "objectives": _objectives, "metrics": _metrics, "spaces": _spaces, "columns": _columns,
}  # fmt: skip
