"""Chains of nodes that are one thing: before opset 17 a layer norm is nine nodes, and a GELU is five."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hw_models.program import HostKind

if TYPE_CHECKING:
    from codesign.lowering.onnx.graph import Graph

_CHAINS: tuple[tuple[HostKind, tuple[str, ...]], ...] = (
    ("layer_norm", ("ReduceMean", "Sub", "Pow", "ReduceMean", "Add", "Sqrt", "Div", "Mul", "Add")),
    ("layer_norm", ("ReduceMean", "Sub", "Mul", "ReduceMean", "Add", "Sqrt", "Div", "Mul", "Add")),
    ("rms_norm", ("Pow", "ReduceMean", "Add", "Sqrt", "Reciprocal", "Mul", "Mul")),
    ("rms_norm", ("Pow", "ReduceMean", "Add", "Sqrt", "Div", "Mul", "Mul")),
    ("gelu", ("Div", "Erf", "Add", "Mul", "Mul")),
    ("gelu", ("Mul", "Erf", "Add", "Mul", "Mul")),
    ("silu", ("Sigmoid", "Mul")),
)
"""Each node but the last hands its result to the next one."""


def chains(graph: Graph, done: set[int]) -> dict[int, HostKind]:
    """Index of each chain's last node -> what the chain is; its other nodes are added to `done`."""
    written: dict[int, HostKind] = {}
    for index in range(len(graph.nodes)):
        for kind, pattern in _CHAINS:
            chain = _follow(graph, index, pattern)
            if chain and done.isdisjoint(chain) and written.keys().isdisjoint(chain):
                written[chain[-1]] = kind
                done.update(chain[:-1])
                break
    return written


def _follow(graph: Graph, index: int, pattern: tuple[str, ...]) -> list[int]:
    """The nodes of a chain that begins here; empty if there is none, or if it works on constants."""
    if graph.nodes[index].op_type != pattern[0] or graph.constant(graph.nodes[index].output[0]):
        return []
    chain = [index]
    for op_type in pattern[1:]:
        users = graph.users.get(graph.nodes[chain[-1]].output[0], [])
        chain.append(next((user for user in users if graph.nodes[user].op_type == op_type), -1))
        if chain[-1] < 0:
            return []
    return chain
