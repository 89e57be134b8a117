"""Watches a model run once, without computing anything where that is possible."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from codesign.lowering.fold import fold
from codesign.lowering.journal import Journal
from codesign.lowering.recorder import Recorder
from codesign.lowering.records import Operation, Trace, UnmappedWarning, unmapped_message


@runtime_checkable
class Runnable(Protocol):
    """A request: it makes the model do what the machine is asked, and says in numbers what that is."""

    @property
    def facts(self) -> Mapping[str, int | float | str]:
        """Window, prompt, tokens, batch: what stands in every row."""
        ...

    def run(self, model: nn.Module, /) -> object:
        """Make the model do it once, on the model's own device."""
        ...


Inputs = Tensor | tuple[Any, ...] | Mapping[str, Any] | Runnable
"""One tensor, the model's arguments, its keyword arguments, or a request."""


def trace(model: nn.Module, inputs: Inputs) -> Trace:
    """What `model` does when it runs on `inputs`, in inference; the model is left as it was.

    Runs a copy without data on the meta device; where that fails (a model may look at its numbers), the real one.
    Raises whatever the model raises on these inputs; ValueError if it does nothing that a machine could.
    """
    journal = _run_without_data(model, inputs) or _run(model, inputs, on_meta=False)
    return finished(journal, journal.operations, inputs.facts if isinstance(inputs, Runnable) else {})


def _run_without_data(model: nn.Module, inputs: Inputs) -> Journal | None:
    """None if that cannot be; if the model has no data itself, the error says why."""
    try:
        return _run(skeleton(model), inputs, on_meta=True)
    except Exception:  # whatever a model may raise that does not find its numbers: the real one decides
        if any(parameter.is_meta for parameter in model.parameters()):
            raise
        return None


def finished(journal: Journal, operations: Iterable[Operation], facts: Mapping[str, int | float | str]) -> Trace:
    """These operations of a journal as a value; what is missing is said in one warning."""
    aliases = {name: first for first, names in journal.provenance.names.items() for name in names}
    result = Trace(fold(operations), aliases, journal.transformed, journal.unmapped, dict(facts))
    if not result.operations:
        beside = f" beside {', '.join(sorted(result.unmapped))}" if result.unmapped else ""
        raise ValueError(f"lower: the model did nothing{beside} that a machine could be asked to do on these inputs")
    if result.unmapped:
        warnings.warn(unmapped_message(result.unmapped, result.operations), UnmappedWarning, stacklevel=4)
    return result


def _run(model: nn.Module, inputs: Inputs, on_meta: bool) -> Journal:
    with watch(model, on_meta) as journal:
        if isinstance(inputs, Runnable):
            inputs.run(model)
        elif isinstance(inputs, Mapping):
            model(**inputs)
        else:
            model(*(inputs if isinstance(inputs, tuple) else (inputs,)))
    return journal


@contextmanager
def watch(model: nn.Module, on_meta: bool) -> Iterator[Journal]:
    """What the model is made to do in this context is written into the journal."""
    journal = Journal(model)
    with _hooks(model, journal), _inference(model), Recorder(journal, on_meta):
        yield journal


@contextmanager
def _hooks(model: nn.Module, journal: Journal) -> Iterator[None]:
    """Tell the journal which module is running."""
    handles = []
    for path, module in model.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            continue  # takes no hooks; its operations go by the names of their parameters
        handles.append(module.register_forward_pre_hook(partial(_begin, journal, path)))
        handles.append(module.register_forward_hook(lambda *_: journal.leave(), always_call=True))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _begin(journal: Journal, path: str, module: nn.Module, inputs: tuple[Any, ...]) -> None:
    journal.enter(path, module, inputs)


@contextmanager
def _inference(model: nn.Module) -> Iterator[None]:
    """Evaluation mode, no gradients, and attention as separate operations; afterwards all as before."""
    training = [module for module in model.modules() if module.training]
    fastpath = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fastpath)
        for module in training:
            module.training = True


def skeleton(model: nn.Module) -> nn.Module:
    """A copy with the same structure and no data: what is copied is told beforehand what its tensors have become."""
    memo: dict[int, Any] = {}
    for parameter in model.parameters():
        meta = torch.empty(parameter.shape, dtype=parameter.dtype, device="meta")
        memo[id(parameter)] = nn.Parameter(meta, requires_grad=False)
    for buffer in model.buffers():
        memo[id(buffer)] = torch.empty_like(buffer, device="meta")
    return copy.deepcopy(model, memo)
