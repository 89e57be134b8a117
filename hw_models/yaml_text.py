"""YAML as text that anybody may have written: read without code, in time that grows with its length, or refused."""

from __future__ import annotations

from typing import Any

LONGEST = 200_000  # characters
DEEPEST = 40  # brackets open at once; the reader's time grows with their square


def load_yaml(text: str) -> Any:  # Any: YAML, unchecked
    """The content of one document. `ValueError` says in one line what is wrong and where; doubled keys are wrong."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if len(text) > LONGEST:
        raise ValueError(f"{len(text)} characters came; {LONGEST} at most are read")
    if _depth(text) > DEEPEST:
        raise ValueError(f"more than {DEEPEST} brackets stand open at once")
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ValueError(_first_line(error)) from None
    except (ValueError, RecursionError, OverflowError, AttributeError, TypeError, KeyError) as error:
        raise ValueError(f"not good YAML: {_first_line(error)}") from None


def _depth(text: str) -> int:
    """Most brackets open at once, quotes and comments not looked at."""
    deepest = depth = 0
    for letter in text:
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest


def _first_line(error: Exception) -> str:
    """A complaint in one line, with its place."""
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if problem and mark:
        return f"line {mark.line + 1}: {problem.splitlines()[0]}"
    return (str(error).splitlines() or [type(error).__name__])[0]
