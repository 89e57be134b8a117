"""Reads a Hugging Face configuration and builds its model on the meta device: its structure without its data."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel


def read(source: str | Path | PreTrainedConfig) -> PreTrainedConfig:
    """The configuration in a folder or a JSON file, or the defaults of a class (`LlamaConfig`) or a type (`llama`).

    Nothing is fetched and no code that comes with a checkpoint is run. Raises ValueError for what it does not know.
    """
    from transformers import AutoConfig, PreTrainedConfig

    if isinstance(source, PreTrainedConfig):
        return copy.deepcopy(source)
    path = Path(source)
    path = path / "config.json" if path.is_dir() else path
    if path.suffix == ".json":
        return _from_json(path)
    return AutoConfig.for_model(_model_type(str(source)))


def _from_json(path: Path) -> PreTrainedConfig:
    from transformers import AutoConfig

    try:
        fields = json.loads(path.read_text())
    except OSError as error:
        raise ValueError(f"config {path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"config {path}: is not JSON: {error}") from None
    if not isinstance(fields, dict) or not isinstance(fields.get("model_type"), str):
        raise ValueError(f"config {path}: has no model_type, so that nothing says which model it is of")
    model_type = _model_type(fields.pop("model_type"), f"config {path}: ")
    try:
        return AutoConfig.for_model(model_type, **fields)
    except Exception as error:  # each configuration checks in its own way
        raise ValueError(f"config {path}: does not fit a {model_type} model: {_in_a_line(error)}") from None


def _model_type(name: str, where: str = "") -> str:
    """`llama` from `llama` or `LlamaConfig`."""
    from transformers.models.auto import configuration_auto

    known: Mapping[str, str] = configuration_auto.CONFIG_MAPPING_NAMES
    by_class = {class_name: model_type for model_type, class_name in known.items()}
    if name in known:
        return name
    if name in by_class:
        return by_class[name]
    near = get_close_matches(name, [*known, *by_class], 1)
    hint = f"; the nearest is {near[0]!r}" if near else ""
    raise ValueError(f"{where}{name!r} is not a model type or a configuration class of transformers{hint}")


def build(config: PreTrainedConfig, architecture: str | None = None) -> PreTrainedModel:
    """The model on the meta device; by `architecture` (a class of transformers), or the one the configuration names.

    Raises ValueError for numbers that no model can be built from.
    """
    model_class = _class_named(architecture, config) if architecture else _class_of(config)
    try:
        with torch.device("meta"):
            return model_class(config)
    except Exception as error:  # whatever a model's making may stumble over
        raise ValueError(f"config: no {model_class.__name__} can be built from it: {_in_a_line(error)}") from None


def _in_a_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _class_named(name: str, config: PreTrainedConfig) -> type[PreTrainedModel]:
    import transformers

    found = getattr(transformers, name, None)
    if not (isinstance(found, type) and issubclass(found, transformers.PreTrainedModel)):
        raise ValueError(f"config: architecture {name!r} is not a model of transformers")
    wanted: type | None = found.config_class  # type: ignore[attr-defined]  # transformers' types are half there
    if wanted is not None and not isinstance(config, wanted):
        raise ValueError(f"config: architecture {name!r} is not built from a {type(config).__name__}")
    return found


def _class_of(config: PreTrainedConfig) -> type[PreTrainedModel]:
    """What the configuration names; else the model for the task that its kind is mostly used for."""
    import transformers
    from transformers.models.auto import modeling_auto as auto

    for name in config.architectures or ():
        if hasattr(transformers, name):
            return _class_named(name, config)
    tasks = ("IMAGE_CLASSIFICATION", "SPEECH_SEQ_2_SEQ", "CTC", "SEQ_TO_SEQ_CAUSAL_LM", "MASKED_LM", "CAUSAL_LM")
    for task in tasks:
        mapping = getattr(auto, f"MODEL_FOR_{task}_MAPPING")
        if type(config) in mapping:
            return _first(auto.MODEL_MAPPING if task == "MASKED_LM" else mapping, config)
    if type(config) not in auto.MODEL_MAPPING:
        raise ValueError(f"config: transformers has no model for a {type(config).__name__}; name an architecture")
    return _first(auto.MODEL_MAPPING, config)


def _first(mapping: Mapping[type, Any], config: PreTrainedConfig) -> type[PreTrainedModel]:
    """The model of a configuration; some tables give several (DeiT with and without teacher)."""
    found = mapping[type(config)]
    model_class: type[PreTrainedModel] = found[0] if isinstance(found, tuple) else found
    return model_class
