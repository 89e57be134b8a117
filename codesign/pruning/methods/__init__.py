"""Pruning methods: the table of those that ship; others come by the entry point group `codesign.methods`."""

from __future__ import annotations

from codesign.pruning.catalogue import Member
from codesign.pruning.methods.base import Method, RankingMethod, ScoreMethod
from codesign.pruning.methods.bonsai import Bonsai
from codesign.pruning.methods.flap import Flap
from codesign.pruning.methods.magnitude import Magnitude
from codesign.pruning.methods.obs import Obs
from codesign.pruning.methods.random import Random
from codesign.pruning.methods.taylor import Taylor
from codesign.pruning.methods.wanda import Wanda

METHODS: dict[str, Member[Method]] = {
    member.name: member
    for member in (
        Member(
            "magnitude",
            "Small weights go first: L1 or L2 norm of a block.",
            "Han et al., NIPS 2015, arXiv:1506.02626",
            Magnitude,
        ),
        Member(
            "wanda",
            "Size of the weight times size of what comes in.",
            "Sun et al., ICLR 2024, arXiv:2306.11695, eq. (1)",
            Wanda,
        ),
        Member(
            "taylor",
            "What the loss would change to first order: weight times gradient.",
            "Molchanov et al., CVPR 2019, arXiv:1906.10771; Ma et al., NeurIPS 2023, arXiv:2305.11627",
            Taylor,
        ),
        Member(
            "flap",
            "What hardly fluctuates goes; its mean stays as a bias.",
            "An et al., AAAI 2024, arXiv:2312.11983",
            Flap,
        ),
        Member(
            "obs",
            "The least error once the survivors have made up for it; chooses and mends together, in rounds.",
            "Hassibi and Stork, NIPS 1992; Kurtic et al., EMNLP 2022, arXiv:2203.07259, eq. (4)",
            Obs,
        ),
        Member(
            "bonsai",
            "What random sub-models are worth, regressed on what they lack; forward passes only.",
            "Dery et al., 2024, arXiv:2402.05406",
            Bonsai,
        ),
        Member("random", "Chance: what any score has to beat.", "", Random),
    )
}

__all__ = ["METHODS", "Method", "RankingMethod", "ScoreMethod"]
