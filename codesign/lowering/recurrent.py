"""LSTM, GRU and plain recurrent layers: one product for all inputs, one for each step's state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from codesign.lowering.calls import Arguments, Value

if TYPE_CHECKING:
    from codesign.lowering.journal import Journal

aten = torch.ops.aten


def _layers(gate_operations: int) -> Callable[[Journal, Arguments, Value], None]:
    """The handler of a recurrent operator whose cell does that many elementwise operations for each state element."""

    def handler(journal: Journal, args: Arguments, out: Value) -> None:
        inputs, _, weights, has_biases, n_layers, _, _, bidirectional, batch_first = args
        steps, batch = inputs.shape[:2] if inputs.dim() == 3 else (inputs.shape[0], 1)
        if inputs.dim() == 3 and batch_first:
            steps, batch = batch, steps
        for cell in _cells(weights, n_layers * (1 + bidirectional)):
            journal.product("input", steps * batch, cell[0], True, bias=has_biases)
            journal.product("state", batch, cell[1], True, repeat=steps, bias=has_biases)
            if len(cell) % 2:  # a projection of the state has no bias
                journal.product("projection", batch, cell[-1], True, repeat=steps)
            journal.host("elementwise", gate_operations * steps * batch * cell[1].shape[1])

    return handler


def _cells(weights: list[Tensor], n_cells: int) -> list[list[Tensor]]:
    """The weights of each layer and direction: input, state, perhaps two biases, perhaps a projection."""
    each = len(weights) // n_cells
    return [weights[i * each : (i + 1) * each] for i in range(n_cells)]


# LSTM: four gates, two products and a sum for the cell, its tanh and the gate on it; GRU: three gates, two products,
# two sums, one difference (both as written in torch.nn's documentation). A tanh or a sigmoid counts as one.
HANDLERS = {
    aten.lstm: _layers(9),
    aten.gru: _layers(8),
    aten.rnn_tanh: _layers(2),
    aten.rnn_relu: _layers(2),
}
