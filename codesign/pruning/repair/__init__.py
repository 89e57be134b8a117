"""Ways of mending what pruning took; all but the last do without training, and take any mask."""

from __future__ import annotations

from codesign.pruning.catalogue import Member
from codesign.pruning.repair.base import RepairMethod
from codesign.pruning.repair.bias import Bias
from codesign.pruning.repair.least_squares import LeastSquares
from codesign.pruning.repair.lora import Lora
from codesign.pruning.repair.sequential import SequentialBias, SequentialLeastSquares

REPAIRS: dict[str, Member[RepairMethod]] = {
    member.name: member
    for member in (
        Member(
            "bias",
            "Adds what the dead weights gave on average to the layer's bias.",
            "An et al., AAAI 2024, arXiv:2312.11983, section 3.3",
            Bias,
        ),
        Member(
            "least_squares",
            "Solves the surviving weights anew so that the layer gives what it gave on calibration inputs.",
            "Kurtic et al., EMNLP 2022, arXiv:2203.07259, eq. (4)",
            LeastSquares,
        ),
        Member(
            "bias_sequential",
            "As bias, each layer on the inputs that the layers before it, pruned and mended, give.",
            "An et al., AAAI 2024, arXiv:2312.11983; the order: Frantar and Alistarh, ICML 2023, arXiv:2301.00774",
            SequentialBias,
        ),
        Member(
            "least_squares_sequential",
            "As least_squares, each layer on the inputs that the layers before it, pruned and mended, give.",
            "Frantar and Alistarh, ICML 2023, arXiv:2301.00774",
            SequentialLeastSquares,
        ),
        Member(
            "lora",
            "Trains low-rank updates of what survives, the dense model as teacher; for whole units only.",
            "Hu et al., ICLR 2022, arXiv:2106.09685; Dery et al., 2024, arXiv:2402.05406, section 3.3",
            Lora,
        ),
    )
}

__all__ = ["REPAIRS", "RepairMethod"]
