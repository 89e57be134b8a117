"""`python -m rtl.bench.speech_layer FILE.npz`: a pruned, quantised feed-forward layer of the speech model, for the RTL.

Weights of `LAYER` after pruning, its inputs while the model listens to a recording, both in INT8 with one scale each,
and what torch makes of them. Needs torch and the model's weights; the tests need neither.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

LAYER = "model.encoder.layers.1.fc1"  # 384 -> 1536 in whisper-tiny.en
RATIO, BLOCK, TOKENS = 0.5, (8, 8), slice(200, 216)  # of 1500 positions: four to a tenth of a second


def main(out: Path) -> None:
    """Write the arrays; what each of them is stands in `layer`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, allow_pickle=False, **layer())
    print(f"{out}: {out.stat().st_size} bytes", file=sys.stderr)


def layer() -> dict[str, np.ndarray]:
    """Operands a (m, k), b (k, n) in int8, mask (k_tiles, n_tiles), torch's sums (m, n) in int32, and in real numbers.

    `output` (m, n) is the same layer quantised by codesign.quality.formats, in float32; `scale` and `bias` turn sums
    into it.
    """
    import torch

    import codesign
    from codesign.quality.formats import INT8_MAX, with_activation_format, with_weight_format

    workload = codesign.load_workload("speech")
    plan = codesign.prune(workload, method="magnitude", ratio=RATIO, block=BLOCK, scope="encoder-ff", seed=0)
    pruned: Any = plan.apply(workload.model).eval()  # Any: a torch model has what no type says
    target = pruned.get_submodule(LAYER)
    heard: list[torch.Tensor] = []
    hook = target.register_forward_pre_hook(lambda _, inputs: heard.append(inputs[0][0, TOKENS]))
    with torch.inference_mode():
        pruned(**workload.data.calibration[0])
        hook.remove()
        inputs, weight = heard[0].float(), target.weight.float()
        scales = [tensor.abs().max() / INT8_MAX for tensor in (inputs, weight)]
        a, b = (
            (tensor / scale).round().clamp(-INT8_MAX, INT8_MAX).to(torch.int8)
            for tensor, scale in zip((inputs, weight), scales, strict=True)
        )
        sums = torch._int_mm(a, b.T.contiguous())
        quantised = with_activation_format(with_weight_format(torch.nn.Sequential(target), "int8"), "int8")
        output = quantised(inputs[None])[0]
    return {
        "a": a.numpy(),
        "b": b.T.numpy(),
        "mask": plan.masks[LAYER].alive.T,
        "sums": sums.numpy(),
        "scale": np.asarray(float(scales[0]) * float(scales[1])),
        "bias": target.bias.detach().numpy(),
        "output": output.numpy(),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
