"""What has been found in a graph so far: the operations that a machine must do, and what is left out."""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, Any

from codesign.lowering.onnx.kinds import BY_INPUT, BY_OUTPUT, FREE, WINDOWS
from codesign.lowering.records import Operation, Product
from hw_models.program import Gemm, HostKind, HostOp

if TYPE_CHECKING:
    import onnx

    from codesign.lowering.onnx.graph import Graph


class Notes:
    """Where the handlers of nodes write."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.operations: list[Operation] = []
        self.unmapped: dict[str, int] = {}  # operator -> FLOPs it does at least
        self.done: set[int] = set()  # nodes that are part of what another one has written down

    def product(
        self,
        node: onnx.NodeProto,
        m: int,
        k: int,
        n: int,
        *,
        repeat: int = 1,
        known: bool = True,
        bias: bool = False,
        role: str = "",
    ) -> None:
        """`repeat` products; nothing if one of the sizes is 0."""
        if min(m, k, n, repeat) > 0:
            name = _scope(node) + (f".{role}" if role else "")
            self.operations.append(Product(Gemm(name, m, k, n, repeat=repeat, stationary_known=known, bias=bias)))

    def host(self, node: onnx.NodeProto, kind: HostKind, elements: int, rows: int = 1) -> None:
        """Work for the host."""
        if elements:
            self.operations.append(HostOp(_scope(node), kind, elements, rows))

    def on_each(self, node: onnx.NodeProto, kind: HostKind, value: str) -> None:
        """Work on each number of a value; norms and softmax go over its last dimension."""
        elements = self.graph.elements(value)
        rows = elements // max(self.graph.shape(value)[-1], 1) if kind in ("layer_norm", "rms_norm", "softmax") else 1
        self.host(node, kind, elements, max(rows, 1))

    def other(self, node: onnx.NodeProto) -> None:
        """A node that is no product. What is the same for every input can be computed beforehand: no work."""
        made = node.output[0]
        if node.op_type in FREE or self.graph.constant(made) or not self.graph.is_number(made):
            return
        if not node.domain and node.op_type in BY_OUTPUT:
            self.on_each(node, self._residual(node) or BY_OUTPUT[node.op_type], made)
        elif not node.domain and node.op_type in WINDOWS:
            self.host(node, "pool", self.graph.elements(made) * prod(attributes(node)["kernel_shape"]))
        elif not node.domain and node.op_type in BY_INPUT:
            self.on_each(node, BY_INPUT[node.op_type], node.input[0])
        else:
            self._leave_out(node)

    def _residual(self, node: onnx.NodeProto) -> HostKind | None:
        """A sum of two activations of one shape."""
        if node.op_type != "Add" or any(self.graph.constant(name) for name in node.input):
            return None
        first, second = (self.graph.shape(name) for name in node.input)
        return "residual" if first == second else None

    def _leave_out(self, node: onnx.NodeProto) -> None:
        """At least one operation for each number that goes in or comes out; most do more."""
        shapes = (self.graph.known[v].shape for v in (*node.input, *node.output) if v in self.graph.known)
        least = max((prod(shape) for shape in shapes if shape is not None), default=1)
        name = f"{node.domain or 'ai.onnx'}::{node.op_type}"
        self.unmapped[name] = self.unmapped.get(name, 0) + least


def _scope(node: onnx.NodeProto) -> str:
    """The module a node was written in, as torch's exporters state it; else the node's own name."""
    for entry in node.metadata_props:
        if entry.key == "pkg.torch.onnx.name_scopes" and isinstance(entry.value, str):
            scopes = [scope for scope in re.findall(r"'([^']*)'", entry.value) if scope]
            return ".".join(scopes[-2:-1]) or node.name or node.op_type  # the last one is the operation itself
    parts = [part for part in node.name.split("/") if part]
    return ".".join(parts[:-1]) or node.name or node.op_type


def attributes(node: onnx.NodeProto) -> dict[str, Any]:  # an attribute's kind is the operator's affair
    """What a node is told beside its inputs."""
    import onnx

    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
