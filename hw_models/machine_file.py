"""Machine files: YAML with `extends` and DRAM presets, fields changed by dotted name, complaints in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from hw_models.yaml_text import load_yaml

SHIPPED = Path(__file__).parent / "configs"
ALIASES = {"array.size": ("array.rows", "array.cols")}


def shipped_machines() -> list[str]:
    """Names of the machines that ship."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def read_machine(source: str | Path) -> tuple[str, dict[str, Any]]:  # Any: YAML, unchecked until validation
    """Where the machine stands and its fields, parents and presets merged in."""
    where, fields = _read(_locate(source), seen=())
    return where, _with_preset(fields, where)


def _with_preset(fields: dict[str, Any], where: str) -> dict[str, Any]:
    """`dram: {preset: NAME, ...}` becomes the preset's fields with those beside it on top."""
    dram = fields.get("dram")
    if not isinstance(dram, dict) or "preset" not in dram:
        return fields
    name = dram["preset"]
    known = sorted(path.stem for path in (SHIPPED / "dram").glob("*.yaml"))
    if name not in known:
        near = _near(str(name), known)
        raise ValueError(f"hardware {where}: dram.preset: {name!r} is not one of {', '.join(known)}{near}")
    beside = {key: value for key, value in dram.items() if key != "preset"}
    return {**fields, "dram": _overlay(_load(SHIPPED / "dram" / f"{name}.yaml"), beside)}


def _locate(source: str | Path) -> Path:
    path = Path(source)
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise ValueError(f"hardware: no file {path}")
        return path
    if (SHIPPED / f"{source}.yaml").is_file() and path.name == str(source):
        return SHIPPED / f"{source}.yaml"
    names = shipped_machines()
    raise ValueError(
        f"hardware: {str(source)!r} is neither a .yaml file nor one of {', '.join(names)}{_near(str(source), names)}"
    )


def _read(path: Path, seen: tuple[Path, ...]) -> tuple[str, dict[str, Any]]:
    if path in seen:
        raise ValueError(f"hardware {path.name}: extends comes back to itself by {' > '.join(p.name for p in seen)}")
    fields = _load(path)
    parent = fields.pop("extends", None)
    if parent is not None:
        if not isinstance(parent, str):
            raise ValueError(f"hardware {path.name}: extends: {parent!r} is not the name or file of a machine")
        beside = path.parent / parent
        try:
            _, inherited = _read(beside if beside.suffix in (".yaml", ".yml") else _locate(parent), (*seen, path))
        except ValueError as error:
            raise ValueError(f"hardware {path.name}: extends: {str(error).removeprefix('hardware: ')}") from None
        fields = _overlay(inherited, fields)
    fields.setdefault("name", path.stem)
    return path.name, fields


def _load(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file."""
    try:
        fields = load_yaml(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"hardware {path.name}: {error}") from None
    if not isinstance(fields, dict) or not all(isinstance(key, str) for key in fields):
        raise ValueError(f"hardware {path.name}: a machine is a mapping of fields, not {type(fields).__name__}")
    return fields


def _overlay(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` wins; mappings are merged, anything else is replaced. A changed `kind` begins its mapping anew."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        same = (
            isinstance(value, dict) and isinstance(old, dict) and value.get("kind", old.get("kind")) == old.get("kind")
        )
        merged[key] = _overlay(old, value) if same and isinstance(old, dict) else value
    return merged


def merge(fields: dict[str, Any], overrides: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A copy of `fields` with each dotted name set; a name that leads nowhere is refused.

    A DRAM preset replaces the memory that was there; other fields of the memory are set on top of it.
    """
    fields, overrides = deepcopy(fields), dict(overrides)
    if "dram.preset" in overrides:
        fields["dram"] = {"preset": overrides.pop("dram.preset")}
        fields = _with_preset(fields, where)
    for dotted, value in overrides.items():
        for name in ALIASES.get(dotted, (dotted,)):
            _set(fields, name, value, where)
    return fields


def _set(fields: dict[str, Any], name: str, value: object, where: str) -> None:
    *parents, last = name.split(".")
    part = fields
    for parent in parents:
        inner = part.get(parent)
        if not isinstance(inner, dict):
            near = _near(parent, part)
            raise ValueError(f"hardware {where}: {name}: this machine has no {parent!r} to set a field of{near}")
        part = inner
    part[last] = value


def explain(error: ValidationError, where: str, model: type[BaseModel]) -> str:
    """The first complaint as one sentence: file, field, what came, what would do."""
    first = error.errors(include_url=False)[0]
    steps = [str(step) for step in first["loc"]]
    if len(steps) > 1 and steps[0] == "coupling":
        del steps[1]  # pydantic's name of the alternative, no field
    field = ".".join(steps)
    if first["type"] == "extra_forbidden":
        known = _fields(model, steps[:-1])
        return f"hardware {where}: {field}: no such field; there are {', '.join(known)}{_near(steps[-1], known)}"
    if first["type"] == "missing":
        return f"hardware {where}: {field}: missing"
    if first["type"] == "value_error":
        said = str(first["ctx"]["error"])
        within = said.split(":")[0].replace(".", "").isidentifier()  # a model's complaint names its own field
        return f"hardware {where}: {field}{('.' if within else ': ') if field else ''}{said}"
    if first["type"] == "literal_error":
        came = repr(first["input"])
        return f"hardware {where}: {field}: {came} is not one of {first['ctx']['expected'].replace(chr(39), '')}"
    if first["type"].startswith("union_tag"):
        return (
            f"hardware {where}: {field}.kind: want one of {first['ctx'].get('expected_tags', 'dma, cpu_instruction')}"
        )
    message = first["msg"][:1].lower() + first["msg"][1:]
    return f"hardware {where}: {field}: {_short(first['input'])}: {message}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _fields(model: type[BaseModel], steps: Iterable[str]) -> list[str]:
    """Names of the fields at the end of a path through the models."""
    for step in steps:
        annotation = model.model_fields[step].annotation if step in model.model_fields else None
        inner = [
            kind
            for kind in (annotation, *get_args(annotation))
            if isinstance(kind, type) and issubclass(kind, BaseModel)
        ]
        if not inner:
            return []
        model = inner[0]
    return list(model.model_fields)


def _near(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""
