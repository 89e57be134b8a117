"""Programs of Hugging Face configurations: a model at its size without its weights, for hardware studies."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from codesign.lowering.calls import Value
from codesign.lowering.configuration import build, read
from codesign.lowering.decoding import steps
from codesign.lowering.journal import Journal
from codesign.lowering.lower import attach
from codesign.lowering.records import Operation
from codesign.lowering.sizes import Sizes, example, facts, sized, tokens
from codesign.lowering.tracing import finished, watch
from hw_models.program import Format, Program

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel


def lower_config(
    source: str | Path | PreTrainedConfig,
    sizes: Sizes | None = None,
    *,
    architecture: str | None = None,
    weight_format: Format | None = None,
    name: str | None = None,
) -> Program:
    """The dense program of a configuration: a folder, a JSON file, a class name, a model type or a configuration.

    Costs a few runs without data; nothing of the size of the weights is ever allocated. Raises ValueError for a source
    that is not known and for sizes that do not fit it.
    """
    sizes = sizes or Sizes()
    model = build(sized(read(source), sizes), architecture)
    asked = facts(model, sizes)
    with watch(model, on_meta=True) as journal:
        if model.can_generate():
            operations = list(_generate(model, journal, sizes))
        else:
            model(**{model.main_input_name: example(model, sizes)})
            operations = journal.operations
    trace = finished(journal, operations, asked)
    return attach(trace, weight_format=weight_format, name=name or type(model).__name__)


def _generate(model: PreTrainedModel, journal: Journal, sizes: Sizes) -> Iterable[Operation]:
    """Encoder and prompt, then one token at a time."""
    decoder = _Decoder(model, journal, sizes.batch * sizes.beams)
    if model.config.is_encoder_decoder:
        yield from decoder.encode(example(model, sizes), sizes.beams)
        prompt = 1
    else:
        prompt = example(model, sizes).shape[1]
    yield from decoder.run(sizes.past, prompt)
    if sizes.decode:
        yield from steps(lambda past: decoder.run(past, 1), sizes.past + prompt, sizes.decode)


class _Decoder:
    """Runs a model that generates on tokens, on top of what its cache holds; gives back what was written down."""

    def __init__(self, model: PreTrainedModel, journal: Journal, rows: int) -> None:
        self._model, self._journal, self._rows = model, journal, rows
        self._given: dict[str, Value] = {"use_cache": True}
        if "logits_to_keep" in inspect.signature(model.forward).parameters:
            self._given["logits_to_keep"] = 1

    def encode(self, inputs: Tensor, beams: int) -> Sequence[Operation]:
        """Run the encoder once; each of its rows serves that many beams."""
        start = len(self._journal.operations)
        states = self._model.get_encoder()(inputs).last_hidden_state
        self._given["encoder_outputs"] = (states.repeat_interleave(beams, 0),)
        return self._journal.operations[start:]

    def run(self, past: int, count: int) -> Sequence[Operation]:
        """`count` tokens at once, on top of a cache that has been filled with `past` tokens beforehand."""
        cache = self._filled(past) if past else None
        if past and cache is None:
            raise ValueError(f"sizes: a {self._model.config.model_type} model has no cache of past tokens")
        start = len(self._journal.operations)
        self._forward(count, cache)
        return self._journal.operations[start:]

    def _filled(self, past: int) -> Value:
        """A cache of so many tokens; what it takes to fill it is not asked of the machine."""
        unmapped = dict(self._journal.unmapped)
        cache = self._forward(past, None)
        self._journal.unmapped = unmapped
        return cache

    def _forward(self, count: int, cache: Value) -> Value:
        name = "decoder_input_ids" if self._model.config.is_encoder_decoder else "input_ids"
        given = {**self._given, name: tokens(self._rows, count), "cache": cache}
        return getattr(self._model(**given), "cache", None)
