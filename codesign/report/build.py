"""A report: figures, table and page of one store, written beside its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from codesign.report.results import Results


@dataclass(frozen=True)
class Report:
    """Where everything is."""

    page: Path
    figures: list[Path]
    tables: list[Path]
    gallery: Path

    def as_dict(self) -> dict[str, str | list[str]]:
        """For --json."""
        files = {"figures": list(map(str, self.figures)), "tables": list(map(str, self.tables))}
        return {"page": str(self.page), "gallery": str(self.gallery), **files}


def build(folder: Path, out: Path | None = None, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Draw everything that the store's rows can show. `out`: where to; none: into the store itself.

    Raises ValueError where no row has finished.
    """
    from codesign.report.figures import DRAWINGS
    from codesign.report.gallery import write_gallery
    from codesign.report.page import write_page
    from codesign.report.style import print_quality, save
    from codesign.report.table import write_tables

    results = Results.load(folder)
    out, ends = out or folder, endings(results.workloads)
    drawn: dict[tuple[str, str], Path] = {}
    figures: list[Path] = []
    with print_quality():
        for workload in results.workloads:
            for drawing in DRAWINGS:
                progress(f"{workload}: {drawing.title.lower()}")
                figure = drawing.draw(results, workload)
                if figure is not None:
                    files = save(figure, out / "figures", "-".join(filter(None, (drawing.name, ends[workload]))))
                    drawn[workload, drawing.name] = files[1]
                    figures += files
    tables = write_tables(results, out)
    progress("page")
    return Report(write_page(results, drawn, out), figures, tables, write_gallery(drawn, folder, out))


def endings(workloads: list[str]) -> dict[str, str]:
    """What tells the files of each workload apart: nothing for one alone, else its name, and its options if need be."""
    if len(workloads) == 1:
        return {workloads[0]: ""}
    short = [name.split()[0] for name in workloads]
    return {
        name: slug(first if short.count(first) == 1 else name) for name, first in zip(workloads, short, strict=True)
    }


def slug(name: str) -> str:
    """A name as a file's name."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())
