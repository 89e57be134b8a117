"""Two models on the same batches, halted at one layer after another: what each gives that layer, side by side.

A forward pass runs in a thread that stops before every layer of interest until it is let go. So all batches of both
models wait at the same layer while its repair is computed and written, and then go on with the repaired layer: a whole
sequential repair costs one pass of each model, whatever its depth, and needs to know nothing of how the model is built.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from queue import SimpleQueue
from threading import Semaphore, Thread, current_thread

import torch
from torch import Tensor, nn

from codesign.pruning.statistics import Batch, device_of, evaluating, on, watching

Pair = tuple[Tensor, Tensor]  # what the first and what the second model gives a layer


class Lockstep:
    """A context; iterating over it gives each layer's name, once, and its inputs in every batch of both models."""

    def __init__(self, first: nn.Module, second: nn.Module, names: Collection[str], batches: Sequence[Batch]) -> None:
        self._left = set(names)
        self._passes: list[_Pass] = []
        self._context = ExitStack()
        for model in (first, second):
            self._context.enter_context(evaluating(model))
            self._context.enter_context(watching({name: model.get_submodule(name) for name in names}, self._halt))
            self._passes += [_Pass(model, batch) for batch in batches]

    def __enter__(self) -> Lockstep:
        return self

    def __exit__(self, *error: object) -> None:
        for each in self._passes:
            each.stop()
        self._context.close()

    def __iter__(self) -> Iterator[tuple[str, list[Pair]]]:
        while self._left:
            halts = [each.go_on() for each in self._passes]
            names = {halt[0] if halt else None for halt in halts}
            name = names.pop()
            if names or name not in self._left:
                raise ValueError(
                    "repair: a sequential repair needs layers that run once in a pass, in the same order for every "
                    f"batch; {name or min(self._left)} does not"
                )
            self._left.remove(name)
            inputs = [halt[1] for halt in halts if halt]
            half = len(inputs) // 2
            yield name, list(zip(inputs[:half], inputs[half:], strict=True))

    def _halt(self, name: str, module: nn.Module, tensor: Tensor) -> None:
        here = current_thread()
        next(each for each in self._passes if each.thread is here).halt(name, tensor)


class _Stop(Exception):  # noqa: N818 (not an error: it ends a pass that nobody needs any more)
    pass


class _Pass:
    """One forward pass in a thread of its own, halted before each layer of interest."""

    def __init__(self, model: nn.Module, batch: Batch) -> None:
        self._model, self._batch = model, batch
        self._halts: SimpleQueue[tuple[str, Tensor] | BaseException | None] = SimpleQueue()
        self._go = Semaphore(0)
        self._stopping = False
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def go_on(self) -> tuple[str, Tensor] | None:
        """Run to the next halt: the layer's name and input; None at the end of the pass."""
        self._go.release()
        halt = self._halts.get()
        if isinstance(halt, BaseException):
            raise halt
        return halt

    def stop(self) -> None:
        """Leave the pass where it is."""
        self._stopping = True
        self._go.release()
        self.thread.join()

    def halt(self, name: str, tensor: Tensor) -> None:
        """Called by the pass itself: show the layer's input, wait to be let go."""
        self._halts.put((name, tensor))
        self._wait()

    def _wait(self) -> None:
        self._go.acquire()
        if self._stopping:
            raise _Stop

    def _run(self) -> None:
        end: BaseException | None = None
        try:
            self._wait()
            with torch.no_grad():
                self._model(**on(device_of(self._model), self._batch))
        except _Stop:
            pass
        except BaseException as error:  # goes to the thread that waits, which raises it
            end = error
        self._halts.put(end)
