"""Bad input in one clear line: where it stands, what came, what would do, and the nearest name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError


def nearest(name: object, known: Iterable[str]) -> str:
    """`; did you mean 'wanda'?`, or nothing where no known name is near."""
    match = get_close_matches(str(name), list(known), n=1, cutoff=0.5)
    return f"; did you mean {match[0]!r}?" if match else ""


def unknown(where: str, name: object, known: Iterable[str]) -> ValueError:
    """A name that stands in no table."""
    names = sorted(known)
    return ValueError(f"{where}: {name!r} is not one of {', '.join(names)}{nearest(name, names)}")


def explained(problem: ValidationError, where: str, model: type[BaseModel]) -> ValueError:
    """The first thing that pydantic found wrong, in our words."""
    first = problem.errors()[0]
    path = ".".join(str(part) for part in first["loc"] if not str(part).startswith(("literal[", "constrained")))
    if first["type"] == "extra_forbidden":
        *parents, last = first["loc"]
        fields = _fields_at(model, [str(part) for part in parents])
        return ValueError(f"{where}: {path}: no such field{nearest(last, fields)} (fields: {', '.join(fields)})")
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return ValueError(f"{where}: {path}: {first['input']!r}: {message}")


def _fields_at(model: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        field = model.model_fields.get(part)
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return []
        model = field.annotation
    return list(model.model_fields)
