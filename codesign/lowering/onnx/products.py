"""What the ONNX operators that multiply matrices ask of the array."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING

from codesign.lowering.onnx.notes import Notes, attributes

if TYPE_CHECKING:
    import onnx

    from codesign.lowering.onnx.graph import Graph

Handler = Callable[[Notes, "onnx.NodeProto"], None]


def _matmul(right_at: int = 1) -> Handler:
    """Products of matrices; the second operand stands at that input."""

    def handler(notes: Notes, node: onnx.NodeProto) -> None:
        graph, left, right = notes.graph, node.input[0], node.input[right_at]
        a, b = graph.shape(left), graph.shape(right)
        a, b = (1, *a) if len(a) == 1 else a, (*b, 1) if len(b) == 1 else b
        m, k, n, held, known = a[-2], a[-1], b[-1], prod(b[:-2]), graph.constant(right)
        total = graph.elements(node.output[0]) * k
        if graph.constant(left) and not known:  # the array holds what is constant: the product is turned over
            n, held, known = m, prod(a[:-2]), True
        else:
            held //= _shared(graph, right)
        rows = total // (k * n * held) if k * n * held else 0
        bias, role = _bias(notes, node), _role(graph, node, known)
        notes.product(node, rows, k, n, repeat=held, known=known, bias=bias, role=role)

    return handler


def _shared(graph: Graph, name: str) -> int:
    """How many heads share one matrix: followed back to where it was expanded for them."""
    node = graph.made_by(name)
    while node is not None and node.op_type in ("Transpose", "Reshape", "Mul"):
        node = graph.made_by(node.input[0])
    if node is None or node.op_type != "Expand":
        return 1
    inside, outside = graph.shape(node.input[0]), graph.shape(node.output[0])
    return prod(outside) // prod(inside) if prod(inside) and inside[-2:] == outside[-2:] else 1


def _bias(notes: Notes, node: onnx.NodeProto) -> bool:
    """Is a constant row added next, and to nothing else? Then that is done with the product."""
    users = notes.graph.users.get(node.output[0], [])
    if len(users) != 1 or notes.graph.nodes[users[0]].op_type != "Add":
        return False
    added = notes.graph.nodes[users[0]].input
    if not any(notes.graph.constant(name) and len(notes.graph.shape(name)) == 1 for name in added):
        return False
    notes.done.add(users[0])
    return True


def _batch_norm(notes: Notes, node: onnx.NodeProto) -> bool:
    """Is a batch norm next, and nothing else? Then it goes into the weight, and leaves a bias."""
    users = notes.graph.users.get(node.output[0], [])
    if len(users) != 1 or notes.graph.nodes[users[0]].op_type != "BatchNormalization":
        return False
    notes.done.add(users[0])
    return True


def _role(graph: Graph, node: onnx.NodeProto, known: bool) -> str:
    """Of products without a weight: the scores go into a softmax, the others are its context."""
    if known:
        return ""
    for _ in range(6):  # on the way: scale, mask, cast, reshape
        users = graph.users.get(node.output[0], [])
        node = graph.nodes[users[0]] if users else node
        if node.op_type == "Softmax":
            return "scores"
    return "context"


def _gemm(notes: Notes, node: onnx.NodeProto) -> None:
    graph, given = notes.graph, attributes(node)
    (m, k), (_, n) = graph.shape(node.input[0]), graph.shape(node.input[1])
    m, k = (k, m) if given.get("transA") else (m, k)
    n = graph.shape(node.input[1])[0] if given.get("transB") else n
    bias = len(node.input) > 2 and bool(node.input[2])
    notes.product(node, m, k, n, known=graph.constant(node.input[1]), bias=bias)


def _convolution(weight_at: int = 1, bias_at: int = 2) -> Handler:
    """im2col, as `codesign.lowering.products` does it."""

    def handler(notes: Notes, node: onnx.NodeProto) -> None:
        weight, out = notes.graph.shape(node.input[weight_at]), notes.graph.shape(node.output[0])
        groups = attributes(node).get("group", 1)
        m, k = out[0] * prod(out[2:]), prod(weight[1:])
        if prod(weight[2:]) > 1:
            notes.host(node, "im2col", m * k * groups)
        known = notes.graph.constant(node.input[weight_at])
        bias = (len(node.input) > bias_at and bool(node.input[bias_at])) or (known and _batch_norm(notes, node))
        notes.product(node, m, k, weight[0] // groups, repeat=groups, known=known, bias=bias)

    return handler


def _transposed_convolution(notes: Notes, node: onnx.NodeProto) -> None:
    inputs, weight = notes.graph.shape(node.input[0]), notes.graph.shape(node.input[1])
    groups = attributes(node).get("group", 1)
    m, n = inputs[0] * prod(inputs[2:]), prod(weight[1:])
    notes.product(node, m, weight[0] // groups, n, repeat=groups, known=notes.graph.constant(node.input[1]))
    notes.host(node, "elementwise", m * n * groups)


def _attention(notes: Notes, node: onnx.NodeProto) -> None:
    """Each operand is (batch, heads, length, size), or (batch, length, heads * size) with the heads as attributes."""
    given = attributes(node)
    heads = [given.get(name, 1) for name in ("q_num_heads", "kv_num_heads", "kv_num_heads")]
    shapes = [notes.graph.shape(name) for name in node.input[:3]]
    query, key, value = (
        shape if len(shape) == 4 else (shape[0], count, shape[1], shape[2] // count)
        for shape, count in zip(shapes, heads, strict=True)
    )
    past = notes.graph.shape(node.input[4])[2] if len(node.input) > 4 and node.input[4] else 0
    batch, keys, group = query[0], key[2] + past, query[1] // key[1]
    rows = group * query[2]
    notes.product(node, rows, query[3], keys, repeat=batch * key[1], known=False, role="scores")
    notes.host(node, "softmax", batch * query[1] * query[2] * keys, batch * query[1] * query[2])
    notes.product(node, rows, keys, value[3], repeat=batch * key[1], known=False, role="context")


def _einsum(notes: Notes, node: onnx.NodeProto) -> None:
    """Of two operands: what both have and the result too is the batch; what it has not is summed over."""
    equation = attributes(node)["equation"].decode().replace(" ", "")
    terms, _, result = equation.partition("->")
    operands = terms.split(",")
    if len(operands) != 2 or "." in equation or any(len(set(term)) < len(term) for term in operands):
        notes.other(node)
        return
    size: dict[str, int] = {}
    for term, name in zip(operands, node.input, strict=True):
        size |= dict(zip(term, notes.graph.shape(name), strict=True))
    left, right = (set(term) for term in operands)
    if not left ^ right <= set(result):
        notes.other(node)  # a letter that is summed in one operand alone
        return
    m, n, batch, k = (
        prod(size[letter] for letter in letters)
        for letters in (left - right, right - left, left & right & set(result), (left & right) - set(result))
    )
    known = [notes.graph.constant(name) for name in node.input]
    m, n = (n, m) if known[0] and not known[1] else (m, n)
    notes.product(node, m, k, n, repeat=batch, known=any(known), role=_role(notes.graph, node, any(known)))


def _recurrent(gate_operations: int) -> Handler:
    """LSTM, GRU, RNN: (directions, gates * size, in) on all inputs, (directions, gates * size, size) in each step."""

    def handler(notes: Notes, node: onnx.NodeProto) -> None:
        inputs = notes.graph.shape(node.input[0])
        directions, n, k = notes.graph.shape(node.input[1])
        size = notes.graph.shape(node.input[2])[2]
        batch_first = bool(attributes(node).get("layout", 0))
        steps, batch = (inputs[1], inputs[0]) if batch_first else inputs[:2]
        bias = len(node.input) > 3 and bool(node.input[3])
        notes.product(node, steps * batch, k, n, repeat=directions, bias=bias, role="input")
        notes.product(node, batch, size, n, repeat=directions * steps, bias=bias, role="state")
        notes.host(node, "elementwise", gate_operations * steps * batch * size * directions)

    return handler


# Gate operations: see codesign/lowering/recurrent.py.
HANDLERS: dict[str, Handler] = {
    "MatMul": _matmul(),
    "MatMulInteger": _matmul(),
    "QLinearMatMul": _matmul(right_at=3),
    "Gemm": _gemm,
    "Conv": _convolution(),
    "ConvInteger": _convolution(bias_at=4),  # it has no bias: its third and fourth inputs are zero points
    "QLinearConv": _convolution(weight_at=3, bias_at=8),
    "ConvTranspose": _transposed_convolution,
    "Attention": _attention,
    "Einsum": _einsum,
    "LSTM": _recurrent(9),
    "GRU": _recurrent(8),
    "RNN": _recurrent(2),
}
