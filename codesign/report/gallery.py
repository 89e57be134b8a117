"""The gallery: a notebook beside the figures, which shows each and draws it again from the rows."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codesign.report.figures import DRAWINGS
from codesign.report.results import Results

_BEGIN = """from pathlib import Path

from codesign.report.gallery import picture
from codesign.report.results import Results

results = Results.load(Path("."))  # the folder that this notebook lies in
results.finished"""


@dataclass(frozen=True)
class Picture:
    """A figure that a notebook shows."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg


def picture(results: Results, name: str, workload: str) -> Picture:
    """One figure of the report, by the name of its file. ValueError where the rows do not hold what it shows."""
    import matplotlib.pyplot as plt

    from codesign.report.style import print_quality

    drawings = {drawing.name: drawing for drawing in DRAWINGS}
    if name not in drawings:
        raise ValueError(f"gallery: {name!r} is not one of {', '.join(drawings)}")
    with print_quality():
        figure = drawings[name].draw(results, workload)
        if figure is None:
            raise ValueError(f"gallery: {name}: no row of {workload!r} has what it shows")
        text = io.StringIO()
        figure.savefig(text, format="svg")
        plt.close(figure)
    return Picture(text.getvalue())


def write_gallery(drawn: Mapping[tuple[str, str], Path], folder: Path, out: Path) -> Path:
    """`gallery.ipynb` in `out`: for each figure that was drawn, its picture, its caption, and the line that makes it.

    `folder`: the store. Pictures are links to the files beside it, so the notebook stays small.
    """
    where = "." if folder.resolve() == out.resolve() else str(folder)
    cells = [_text(f"# {out.resolve().name}: gallery"), _code(_BEGIN.replace('"."', json.dumps(where)))]
    for (workload, name), path in drawn.items():
        about = next(one for one in DRAWINGS if one.name == name)
        image = path.with_suffix(".png").relative_to(out)
        cells.append(_text(f"## {about.title}: {workload}\n{about.caption}\n\n![{about.title}]({image})"))
        cells.append(_code(f"picture(results, {json.dumps(name)}, {json.dumps(workload)})"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    numbered = [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells)]
    book = {"cells": numbered, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    notebook = out / "gallery.ipynb"
    notebook.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return notebook


def _text(source: str) -> dict[str, Any]:  # Any: JSON
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code", "metadata": {}, "source": source.splitlines(keepends=True), "execution_count": None,
        "outputs": [],
    }  # fmt: skip
