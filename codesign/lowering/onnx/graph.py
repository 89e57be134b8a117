"""An ONNX graph with the shape of everything in it, and the values of what is small and constant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from codesign.lowering.onnx.open_sizes import fill, resolve

if TYPE_CHECKING:
    import onnx

_SMALL = 4096  # elements; shapes and axes are smaller, weights need not be read


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of a value before anything runs."""

    type: onnx.TypeProto
    constant: bool = False
    value: npt.NDArray[np.generic] | None = None  # of small constants

    @cached_property
    def shape(self) -> tuple[int, ...] | None:
        """None if the number of dimensions or one of them is not known."""
        tensor = self.type.tensor_type
        if not tensor.HasField("shape") or not all(d.HasField("dim_value") for d in tensor.shape.dim):
            return None
        return tuple(d.dim_value for d in tensor.shape.dim)


def _known_value(value: npt.NDArray[np.generic]) -> Known:
    import onnx

    kind = onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
    return Known(onnx.helper.make_tensor_type_proto(kind, value.shape), True, value)


class Graph:
    """The nodes in order, and all that is known of the values between them."""

    def __init__(self, model: onnx.ModelProto, where: str, sizes: Mapping[str, int]) -> None:
        self.where = where
        self.sizes = dict(sizes)
        self.nodes = list(model.graph.node)
        self.known: dict[str, Known] = {}
        self.users: dict[str, list[int]] = defaultdict(list)
        self._maker: dict[str, int] = {}
        for index, node in enumerate(self.nodes):
            self._maker |= dict.fromkeys(filter(None, node.output), index)
            for name in filter(None, node.input):
                self.users[name].append(index)
        self._opsets = {opset.domain: opset.version for opset in model.opset_import}
        self._imports = list(model.opset_import)
        self._stated = {value.name: value.type for value in (*model.graph.value_info, *model.graph.output)}
        self._begin(model.graph)
        for node in self.nodes:
            self._infer(node)

    @classmethod
    def read(cls, path: Path, sizes: Mapping[str, int]) -> Graph:
        """The graph of a file, functions put in place, weights outside the file left there."""
        try:
            import onnx
        except ModuleNotFoundError:
            raise ValueError(f"onnx {path}: reading it needs the package onnx: pip install 'codesign[onnx]'") from None
        from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

        try:
            model = onnx.load(path, load_external_data=False)
        except OSError as error:
            raise ValueError(f"onnx {path}: cannot be read: {error.strerror}") from None
        except DecodeError:
            raise ValueError(f"onnx {path}: is not an ONNX model") from None
        if not model.graph.node:
            raise ValueError(f"onnx {path}: is not an ONNX model, or one without a node")
        if model.functions:
            from onnx.inliner import inline_local_functions

            model = inline_local_functions(model)
        for node in model.graph.node:
            texts = (node.name, node.op_type, node.domain, *node.input, *node.output)
            if not node.output or not all(isinstance(text, str) for text in texts):  # bytes: what is no UTF-8
                raise ValueError(f"onnx {path}: is damaged: node {node.name!r} has no output or names that are no text")
        return cls(model, f"onnx {path}", sizes)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a value; ValueError if it cannot be found."""
        known = self.known.get(name)
        if known is None or known.shape is None:
            maker = self.made_by(name)
            made = f", made by {maker.op_type} {maker.name!r}," if maker else ""
            raise ValueError(f"{self.where}: the shape of {name!r}{made} cannot be found")
        return known.shape

    def elements(self, name: str) -> int:
        """How many numbers a value has."""
        return prod(self.shape(name))

    def constant(self, name: str) -> bool:
        """Is it the same for every input?"""
        return name in self.known and self.known[name].constant

    def is_number(self, name: str) -> bool:
        """Floating point or 8 bit: what the work is done on, not what says where it is."""
        import onnx

        no_number = (onnx.TensorProto.INT64, onnx.TensorProto.INT32, onnx.TensorProto.BOOL, onnx.TensorProto.STRING)
        return name not in self.known or self.known[name].type.tensor_type.elem_type not in no_number

    def made_by(self, name: str) -> onnx.NodeProto | None:
        """The node that makes a value; None for what the graph is given."""
        return self.nodes[self._maker[name]] if name in self._maker else None

    # How all that becomes known -----------------------------------------------------------------------------------

    def _begin(self, graph: onnx.GraphProto) -> None:
        import onnx

        for tensor in graph.initializer:
            small = prod(tensor.dims) <= _SMALL and not tensor.external_data
            value = onnx.numpy_helper.to_array(tensor) if small else None
            self.known[tensor.name] = Known(
                onnx.helper.make_tensor_type_proto(tensor.data_type, tensor.dims), True, value
            )
        for sparse in graph.sparse_initializer:
            kind = onnx.helper.make_tensor_type_proto(sparse.values.data_type, sparse.dims)
            self.known[sparse.values.name] = Known(kind, True)
        inputs = [value for value in graph.input if value.name not in self.known]
        sizes = resolve(inputs, self.sizes, self.where)
        for value in inputs:
            fill(value.name, value.type, sizes)
            self.known[value.name] = Known(value.type)
        for name, kind in self._stated.items():
            fill(name, kind, sizes)

    def _infer(self, node: onnx.NodeProto) -> None:
        """Types of a node's outputs; their values too, if all that goes in is small and constant."""
        constant = all(self.constant(name) for name in node.input if name) and not node.op_type.startswith("Random")
        for name, kind in self._types(node).items():
            self.known[name] = Known(kind, constant)
        for name in filter(None, node.output):
            if name not in self.known and name in self._stated:
                self.known[name] = Known(self._stated[name], constant)
        for name, value in self._values(node, constant).items():
            self.known[name] = _known_value(value)

    def _types(self, node: onnx.NodeProto) -> Mapping[str, onnx.TypeProto]:
        import onnx

        given = {name: self.known[name] for name in node.input if name in self.known}
        data = {name: k.value for name, k in given.items() if k.value is not None}
        try:
            schema = onnx.defs.get_schema(node.op_type, self._opsets[node.domain], node.domain)
            return onnx.shape_inference.infer_node_outputs(
                schema,
                node,
                {name: known.type for name, known in given.items()},
                {name: onnx.numpy_helper.from_array(value, name) for name, value in data.items()},
                opset_imports=self._imports,
            )
        except (onnx.defs.SchemaError, onnx.shape_inference.InferenceError, KeyError):
            return {}  # an operator of another domain: the file may state its types
        except (onnx.checker.ValidationError, TypeError) as error:
            broken = " ".join(str(error).split())
            raise ValueError(f"{self.where}: node {node.name!r} ({node.op_type}): {broken}") from None

    def _values(self, node: onnx.NodeProto, constant: bool) -> Mapping[str, npt.NDArray[np.generic]]:
        outputs = [name for name in node.output if name]
        shapes = [self.known[name].shape if name in self.known else None for name in outputs]
        if any(shape is not None and prod(shape) > _SMALL for shape in shapes):
            return {}
        if node.op_type == "Shape" and node.input[0] in self.known:
            return self._shape_values(node)
        if not constant:
            return {}
        inputs = {name: self.known[name].value for name in node.input if name}
        if any(value is None for value in inputs.values()):
            return {}
        return dict(zip(outputs, self._run(node, inputs), strict=False))

    def _shape_values(self, node: onnx.NodeProto) -> Mapping[str, npt.NDArray[np.generic]]:
        shape = self.known[node.input[0]].shape
        if shape is None:
            return {}
        bounds = {attribute.name: attribute.i for attribute in node.attribute}
        return {node.output[0]: np.array(shape[bounds.get("start", 0) : bounds.get("end", len(shape))], np.int64)}

    def _run(
        self, node: onnx.NodeProto, inputs: Mapping[str, npt.NDArray[np.generic] | None]
    ) -> list[npt.NDArray[np.generic]]:
        import onnx
        from onnx.reference import ReferenceEvaluator

        values = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.UNDEFINED, None) for n in inputs]
        results = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.UNDEFINED, None) for n in node.output if n]
        alone = onnx.helper.make_model(
            onnx.helper.make_graph([node], "alone", values, results), opset_imports=self._imports
        )
        try:
            return [np.asarray(value) for value in ReferenceEvaluator(alone).run(None, dict(inputs))]
        except Exception:  # it fails on some operators, each in its own way; then the value is not known, no more
            return []
