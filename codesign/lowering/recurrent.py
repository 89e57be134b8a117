"""LSTM, GRU and plain recurrent layers: one product for all inputs, one for each step's state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from codesign.lowering.calls import Arguments, Value

if TYPE_CHECKING:
    from codesign.lowering.journal import Journal

aten = torch.ops.aten


def _layers(gates: int, gate_operations: int) -> Callable[[Journal, Arguments, Value], None]:
    """A handler; the cell has that many gates, and does that much elementwise work for each element of its state."""

    def handler(journal: Journal, args: Arguments, out: Value) -> None:
        inputs, weights, has_biases, n_layers, bidirectional, rows_of_steps = _unpacked(args)
        rows = inputs.numel() // max(inputs.shape[-1], 1)
        for cell in _cells(weights, n_layers * (1 + bidirectional)):
            journal.product("input", rows, cell[0], True, bias=has_biases)
            for batch, steps in rows_of_steps.items():
                journal.product("state", batch, cell[1], True, repeat=steps, bias=has_biases)
                if len(cell) % 2:  # a projection of the state has no bias
                    journal.product("projection", batch, cell[-1], True, repeat=steps)
            journal.host("elementwise", gate_operations * rows * (cell[1].shape[0] // gates))

    return handler


def _unpacked(args: Arguments) -> tuple[Tensor, list[Tensor], bool, int, bool, Mapping[int, int]]:
    """Inputs, weights, are there biases, layers, both directions?, and how many steps have how many rows.

    A packed batch of sequences says how many of them each step has; its arguments stand in another order.
    """
    if not isinstance(args[3], bool):
        inputs, rows_of_step, _, weights, has_biases, n_layers, _, _, bidirectional = args
        return inputs, weights, has_biases, n_layers, bidirectional, Counter(rows_of_step.tolist())
    inputs, _, weights, has_biases, n_layers, _, _, bidirectional, batch_first = args
    steps, batch = inputs.shape[:2] if inputs.dim() == 3 else (inputs.shape[0], 1)
    if batch_first and inputs.dim() == 3:
        steps, batch = batch, steps
    return inputs, weights, has_biases, n_layers, bidirectional, {batch: steps}


def _cells(weights: list[Tensor], n_cells: int) -> list[list[Tensor]]:
    """The weights of each layer and direction: input, state, perhaps two biases, perhaps a projection."""
    each = len(weights) // n_cells
    return [weights[i * each : (i + 1) * each] for i in range(n_cells)]


# LSTM: four gates, two products and a sum for the cell, its tanh and the gate on it; GRU: three gates, two products,
# two sums, one difference (both as written in torch.nn's documentation). A tanh or a sigmoid counts as one.
HANDLERS = {
    aten.lstm: _layers(4, 9),
    aten.gru: _layers(3, 8),
    aten.rnn_tanh: _layers(1, 2),
    aten.rnn_relu: _layers(1, 2),
}
