"""What is known of an operator's results from what is known of its arguments."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor
from torch._ops import OpOverload

from codesign.lowering import nature
from codesign.lowering.provenance import Origin, Provenance, repetition, storage_key


def follow(
    provenance: Provenance, func: OpOverload, inputs: list[Tensor], outputs: list[Tensor], in_module: bool
) -> bool:
    """Describe the results of an operator that has just run; are they the same for every input?

    What a module makes of constants alone is constant. What is made outside of all modules is data: a request's input.
    """
    constant = in_module and all(provenance.of(t).constant for t in inputs) and not nature.is_random(func)
    known = [storage_key(tensor) for tensor in inputs]
    for output in outputs:
        if storage_key(output) not in known:
            provenance.set(output, _made(provenance, func, inputs, output, constant))
        elif func._schema.is_mutable and not constant:
            provenance.set(output, replace(provenance.of(output), constant=False, copy_of=None, fresh=False))
    return constant


def _made(provenance: Provenance, func: OpOverload, inputs: list[Tensor], output: Tensor, constant: bool) -> Origin:
    """The origin of a result with storage of its own."""
    origin = replace(_role(provenance, func, inputs), constant=constant)
    if constant:
        origin = replace(origin, sources=provenance.sources(inputs))
    if func.overloadpacket not in nature.COPIES or not inputs:
        return origin
    copies, chunk = max(repetition(inputs[0]), (origin.copies, origin.chunk))
    same = constant and output.is_contiguous() and output.shape == inputs[0].shape
    copy_of = provenance.whole_parameter(inputs[0]) if same else None
    return replace(origin, copy_of=copy_of, copies=copies, chunk=chunk)


def _role(provenance: Provenance, func: OpOverload, inputs: list[Tensor]) -> Origin:
    """What attention sees in it: moving and scaling change no role, cosine and sine make factors."""
    packet, carried = func.overloadpacket, Origin()
    if packet in nature.FREE or nature.is_pointwise(func):
        origins = (provenance.of(tensor) for tensor in inputs)
        carried = next((o for o in origins if o.role or o.product is not None or o.copies > 1), carried)
    repeated = (carried.copies, carried.chunk) if packet in nature.COPIES else (1, 0)
    role = nature.ANGLES.get(packet, carried.role)
    return Origin(role=role, product=carried.product, copies=repeated[0], chunk=repeated[1])
