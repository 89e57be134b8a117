"""Watches every operator that torch runs, and has it written down by what it is."""

from __future__ import annotations

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode

from codesign.lowering import loose, nature, presence, products
from codesign.lowering.calls import Arguments, Value, tensors_in
from codesign.lowering.following import follow
from codesign.lowering.journal import Journal
from codesign.lowering.operators import HANDLERS
from codesign.lowering.shapes import result_without_data

_META = torch.device("meta")


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """To be used under inference mode, where operators arrive as the model wrote them.

    An operator with an entry in `operators.HANDLERS` is written down whole; one without is taken apart if torch knows
    how; elementwise work and reductions go to the host; what is left is counted as unmapped. What is the same for every
    input can be computed beforehand: that is no work, unless it is a product.
    """

    def __init__(self, journal: Journal, on_meta: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._journal = journal
        self._on_meta = on_meta

    def __torch_dispatch__(
        self, func: OpOverload, types: object, args: Arguments = (), kwargs: dict[str, Value] | None = None
    ) -> Value:
        """Do the operation, and write it down."""
        kwargs = kwargs or {}
        handler = HANDLERS.get(func.overloadpacket)
        if handler is None and func.overloadpacket not in nature.FREE and nature.can_decompose(func):
            with self:
                result = func.decompose(*args, **kwargs)
            if result is not NotImplemented:
                return result
        result = self._on_one_device(func, args, kwargs) if self._on_meta else func(*args, **kwargs)
        inputs, outputs = list(tensors_in(args)), list(tensors_in((result,)))
        constant = follow(self._journal.provenance, func, inputs, outputs, self._journal.in_module)
        if handler is not None and (not constant or func.overloadpacket in products.HANDLERS):
            handler(self._journal, args, result)
        elif handler is None and not constant and func.overloadpacket not in nature.FREE:
            loose.record(self._journal, func, inputs, outputs)
        return result

    def _on_one_device(self, func: OpOverload, args: Arguments, kwargs: dict[str, Value]) -> Value:
        """Weights have no data, inputs may have: an operation on both is done without, one on inputs alone is done.

        So a model may look at its masks and positions: what has data keeps it when it is sent to the weights' device,
        and small masks and ranges that are made there get some. A tensor with data that is written to without stays.
        """
        if any(tensor.is_meta for tensor in tensors_in(args)) or presence.too_large(func, args):
            if func._schema.is_mutable and not args[0].is_meta:
                return args[0]
            presence.check_indices(func, args)
            kwargs = {name: self._without_data(value) for name, value in kwargs.items()}
            return result_without_data(func, self._without_data(args), kwargs)
        if kwargs.get("device") == _META and presence.keeps_data(func, args):
            kwargs = {name: value for name, value in kwargs.items() if name != "device"}
        return func(*args, **kwargs)

    def _without_data(self, values: Value) -> Value:
        if isinstance(values, Tensor) and not values.is_meta:
            meta, provenance = torch.empty_like(values, device=_META), self._journal.provenance
            provenance.set(meta, provenance.of(values))
            return meta
        if isinstance(values, (list, tuple)):
            return type(values)(self._without_data(value) for value in values)
        return _META if isinstance(values, torch.device) else values
