"""The shape library: real networks at paper size, as programs without weights."""

from __future__ import annotations

from difflib import get_close_matches

from hw_models.program import Program
from hw_models.shapes.base import Shape
from hw_models.shapes.convolutional import CONVOLUTIONAL
from hw_models.shapes.language import LANGUAGE
from hw_models.shapes.sasp import SASP
from hw_models.shapes.speech import SPEECH
from hw_models.shapes.vision import VISION

SHAPES: dict[str, Shape] = {
    shape.name: shape for shape in (*SPEECH, *SASP, *VISION, *LANGUAGE, *CONVOLUTIONAL)
}  # fmt: skip
"""Every network, by the name that `--model` takes."""


def shape_program(name: str, seq: int | None = None, batch: int = 1) -> Program:
    """The program of a network; `ValueError` names the nearest if there is no such name."""
    if name not in SHAPES:
        near = get_close_matches(name, SHAPES, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"model: {name!r} is not one of {', '.join(SHAPES)}{hint}")
    return SHAPES[name].program(seq, batch)
