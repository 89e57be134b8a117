"""A space file: axes, conditions, constraints, objectives; from YAML to a list of designs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from codesign.explore import axes
from codesign.explore.complaint import explained, unknown
from codesign.explore.design import Design, Scalar, _Written, label
from codesign.rows.condition import Condition, contradiction

_AXES = ("workload", "prune", "hardware", "weight_format", "seed", "engine")


class Space(_Written):
    """What to explore. Every value under an axis may be a list or a range; see `codesign.explore.axes`."""

    workload: Any  # Any, and below: a tree of axes; each leaf is checked when it becomes a Design
    """A name, or `{name: speech, ...}`, or `{shapes: vit-base, seq: 197}`."""
    prune: Any = Field(default_factory=dict)
    """Fields of `PruneChoice`; or a list of such, each with axes of its own."""
    hardware: Any = "edge16"
    """A name or file, or `{base: edge16, array.size: [4, 8]}`; or a list of such."""
    weight_format: Any = "machine"
    seed: Any = 0
    engine: Any = "auto"
    reference: dict[str, Scalar] | str | None = None
    """The machine, running the dense model, that `speedup_vs_reference` looks at; none: the space's first machine."""
    where: tuple[str, ...] = ()
    """Conditions over a design's fields: `prune.ratio < 0.3 or hardware.array.size <= 8`."""
    constraints: tuple[str, ...] = ()
    """Conditions over a row's columns: `area_mm2 <= 2`, `energy_uj / latency_ms <= 500` (mW), `quality <= 0.1`. What
    breaks one is kept and marked, and is never on the front."""
    objectives: tuple[str, ...] = Field(("speedup", "quality"), min_length=1)
    """What is wished for: `codesign ls objectives`."""

    @classmethod
    def load(cls, path: Path) -> Space:
        """From YAML. ValueError says what is wrong, and in which file."""
        return cls.of(read_yaml(path), f"space {path}")

    @classmethod
    def of(cls, tree: object, where: str = "space") -> Space:
        """From what YAML holds."""
        if not isinstance(tree, Mapping):
            raise ValueError(f"{where}: want a mapping with workload, prune, hardware; got {type(tree).__name__}")
        try:
            return cls.model_validate(dict(tree))
        except ValidationError as problem:
            raise explained(problem, where, cls) from problem

    @model_validator(mode="after")
    def _names_are_known(self) -> Space:
        from codesign.rows import COLUMNS
        from codesign.rows.objective import objectives

        for name in self.objectives:
            if name not in objectives():
                raise unknown("objectives", name, objectives())
        for text in self.constraints:
            for field in Condition(text).fields:
                if field not in COLUMNS:
                    raise unknown(f"constraints: {text!r}", field, COLUMNS)
        if why := contradiction(map(Condition, self.constraints)):
            raise ValueError(f"constraints: {why}")
        return self

    @property
    def tree(self) -> dict[str, axes.Node]:
        """The axes alone, names written out as mappings."""
        whole = {name: getattr(self, name) for name in _AXES}
        whole["workload"] = _named(whole["workload"], "name")
        whole["hardware"] = _named(whole["hardware"], "base")
        return whole

    @property
    def workloads(self) -> list[str]:
        """Their names in rows."""
        return list(dict.fromkeys(label(leaf, "name") for leaf in axes.expand(self.tree["workload"])))

    def designs(self) -> Iterator[Design]:
        """Every design whose conditions hold, each once. ValueError where none is left."""
        conditions = [Condition(text) for text in self.where]
        seen: set[str] = set()
        refused = dict.fromkeys(self.where, 0)
        for leaf in axes.expand(self.tree):
            design = self.design(leaf)
            broken = next((one.text for one in conditions if not one(_fields(design))), None)
            if broken is not None:
                refused[broken] += 1
            elif (text := design.canonical()) not in seen:
                seen.add(text)
                yield design
        if not seen:
            why = "; ".join(f"`{text}` refuses {count}" for text, count in refused.items() if count)
            raise ValueError(f"space: no design is left of {axes.count(self.tree)}: {why}")

    def allows(self, design: Design) -> bool:
        """Do all conditions hold?"""
        return not self.where or all(Condition(text)(_fields(design)) for text in self.where)

    def design(self, leaf: Mapping[str, Any]) -> Design:
        """One leaf of the tree, checked, with `block: array` written out."""
        from codesign.explore.choices import with_block

        try:
            design = Design.model_validate({**leaf, "reference": self._reference()})
        except ValidationError as problem:
            raise explained(problem, "space", Design) from problem
        return with_block(design)

    def _reference(self) -> dict[str, Scalar]:
        if self.reference is None:
            return dict(next(axes.expand(_named(self.hardware, "base"))))
        return {"base": self.reference} if isinstance(self.reference, str) else self.reference


def _fields(design: Design) -> dict[str, Any]:
    """What a condition may speak of: the design's fields, and `array`, written like a block: `prune.block == array`."""
    from codesign.explore.choices import machine

    array = machine(design).array
    sides = {"array": f"{array.cols}x{array.rows}", "array.rows": array.rows, "array.cols": array.cols}
    return sides | flat(design.model_dump())


def flat(leaf: Mapping[str, Any]) -> dict[str, Any]:
    """A leaf by dotted names: `prune.ratio`, `hardware.array.size`."""
    values: dict[str, Any] = {}
    for name, value in leaf.items():
        if isinstance(value, Mapping):
            values.update({f"{name}.{inner}": inside for inner, inside in flat(value).items()})
        else:
            values[name] = value
    return values


def _named(node: axes.Node, head: str) -> axes.Node:
    """`speech` is `{name: speech}`; the same inside a list."""
    if isinstance(node, str):
        return {head: node}
    return [_named(value, head) for value in node] if isinstance(node, list) else node


def read_yaml(path: Path) -> object:
    """What a YAML file holds. A key given twice is refused, and no tag makes an object."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe").load(path.read_text())
    except FileNotFoundError as problem:
        raise ValueError(f"{path}: no such file") from problem
    except (YAMLError, UnicodeDecodeError) as problem:
        first = " ".join(str(problem).split())
        raise ValueError(f"{path}: not good YAML: {first}") from problem


def pairs(texts: list[str] | None, option: str) -> dict[str, Scalar]:
    """`["array.size=8"]` as `{"array.size": 8}`; values are read as YAML reads them."""
    found: dict[str, Scalar] = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ValueError(f"{option}: {text!r}: want NAME=VALUE")
        found[name] = read_scalar(value)
    return found


def read_scalar(text: str) -> Scalar:
    """One YAML scalar."""
    from ruamel.yaml import YAML

    value = YAML(typ="safe").load(text)
    return value if isinstance(value, bool | int | float) else text


def one_design(tree: Mapping[str, Any] | str) -> Design:
    """A design from a mapping, from JSON, or from a YAML file; ValueError where it holds more than one."""
    if isinstance(tree, str):
        try:
            loaded = json.loads(tree) if tree.lstrip().startswith("{") else read_yaml(Path(tree))
        except json.JSONDecodeError as problem:
            raise ValueError(f"design: not good JSON: {problem}") from problem
        if not isinstance(loaded, Mapping):
            raise ValueError(f"design: want a mapping, got {type(loaded).__name__}")
        tree = loaded
    fields = {**tree, "reference": tree.get("reference")}
    space = Space.of({name: value for name, value in fields.items() if name != "reference"}, "design")
    designs = list(space.designs())
    if len(designs) != 1:
        raise ValueError(f"design: {len(designs)} designs, but one is wanted; `codesign sweep` takes many")
    return Design.model_validate({**designs[0].model_dump(), "reference": fields["reference"]})
