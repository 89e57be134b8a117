"""How a family describes its members, and how a name and options become one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from codesign.pruning.calibration import Stat

Built = TypeVar("Built", bound=BaseModel, covariant=True)


@dataclass(frozen=True)
class Member(Generic[Built]):
    """One line of a family's table."""

    name: str
    sentence: str
    reference: str
    kind: type[Built]  # its fields are the options, its docstring the details

    @property
    def needs(self) -> frozenset[Stat]:
        """What it reads of calibration."""
        needs: frozenset[Stat] = getattr(self.kind, "needs", frozenset())
        return needs

    @property
    def options(self) -> dict[str, object]:
        """Names of its options and their defaults."""
        return {name: field.get_default(call_default_factory=True) for name, field in self.kind.model_fields.items()}


def installed(group: str, base: type[Built]) -> dict[str, Member[Built]]:
    """Members that other packages bring: an entry point names a `Member`."""
    found: dict[str, Member[Built]] = {}
    for entry in entry_points(group=group):
        member = entry.load()
        if not isinstance(member, Member) or not issubclass(member.kind, base):
            raise ValueError(f"entry point {group}: {entry.name}: {entry.value} is no Member of a {base.__name__}")
        found[entry.name] = member
    return found


def build(
    family: str, table: Mapping[str, Member[Built]], name: str, options: Mapping[str, str | int | float | bool]
) -> Built:
    """The member of that name with those options; says which names and options would do."""
    if name not in table:
        near = get_close_matches(name, table, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"prune: {family}: {name!r} is not one of {', '.join(sorted(table))}{hint}")
    try:
        return table[name].kind.model_validate(dict(options))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        takes = ", ".join(table[name].kind.model_fields) or "no options"
        raise ValueError(f"prune: {family} {name}: {where}: {first['msg']} (it takes {takes})") from None
