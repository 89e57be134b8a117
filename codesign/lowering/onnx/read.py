"""An ONNX file becomes a program."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from codesign.lowering.fold import fold
from codesign.lowering.onnx.graph import Graph
from codesign.lowering.onnx.notes import Notes
from codesign.lowering.onnx.patterns import chains
from codesign.lowering.onnx.products import HANDLERS
from codesign.lowering.records import Product, UnmappedWarning, unmapped_message
from hw_models.program import Format, Program


def lower_onnx(
    path: str | Path,
    sizes: Mapping[str, int] | None = None,
    *,
    weight_format: Format | None = None,
    name: str | None = None,
) -> Program:
    """The dense program of an ONNX file. Weights stay where they are: files with gigabytes of them read in no time.

    `sizes` gives the dimensions that the file leaves open, by the names it gives them, or as `INPUT.AXIS` where it
    gives none; `batch` and `seq` stand for every name that holds them. Raises ValueError for a file that is no ONNX
    model, for a dimension that is left open, and where a shape cannot be found; what no machine can be asked to do is
    named in one `UnmappedWarning`.
    """
    graph = Graph.read(Path(path), sizes or {})
    notes = Notes(graph)
    written = chains(graph, notes.done)
    for index, node in enumerate(graph.nodes):
        if index in written:
            notes.on_each(node, written[index], node.output[0])
        elif index not in notes.done:
            handler = HANDLERS.get(node.op_type) if not node.domain else None
            (handler or Notes.other)(notes, node)
    operations = fold(notes.operations)
    if not operations:
        raise ValueError(f"onnx {path}: there is nothing in it that a machine could be asked to do")
    if notes.unmapped:
        warnings.warn(unmapped_message(notes.unmapped, operations), UnmappedWarning, stacklevel=2)
    ops = [
        replace(op.gemm, weight_format=weight_format if op.gemm.stationary_known else None)
        if isinstance(op, Product)
        else op
        for op in operations
    ]
    return Program(tuple(ops), name or Path(path).stem, dict(graph.sizes))
