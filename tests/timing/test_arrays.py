"""Do several arrays meet at one DRAM as the page says, worked by hand, and when are more of them slower?"""

import pytest

from hw_models import Gemm, Hardware, Program, simulate
from hw_models.engine.event import Watch, run_one

# 1 GHz, so that a nanosecond is a cycle; 2 bytes a cycle behind 10 cycles of latency
SMALL = Hardware.load("edge16").with_(
    clock_mhz=1000,
    **{
        "array.size": 2, "array.overlap": "serial", "array.activation_format": "int8", "sparsity.kind": "none",
        "dram.bandwidth_gb_s": 2.0, "dram.latency_ns": 10.0,
    },
)  # fmt: skip


def test_two_arrays_by_hand():
    """3x2x4 in int8: a column of tiles each; activations 6 bytes (13 cycles), weights 4 (12), passes 7, outputs 6 (13).

    Both ask for activations at 0; array 0 asks for its weights at 13, behind array 1's activations, and computes from
    38 to 45, while array 1's weights come (38 to 50); its output is written from 50. Array 1 computes from 50 to 57.
    """
    hardware, spans = SMALL.with_(arrays=2), {}
    watch = Watch(hardware, timeline=True)
    figures = run_one(Gemm("product", 3, 2, 4), hardware, watch)
    for span in watch.shared.spans:
        spans.setdefault(span.name, []).append((span.start_cycle, span.end_cycle))
    assert spans == {"read": [(0, 13), (13, 26), (26, 38), (38, 50)], "write": [(50, 63), (63, 76)]}
    assert figures["cycles"] == 76
    assert figures["dram_read_bytes"] == 2 * 6 + 2 * 4  # each reads the activations for itself
    # one array reads them once, and a request of 8 bytes of weights takes 14: 13 + 14 + 2 x 7 + 16
    assert simulate(Program.of_gemm(3, 2, 4), SMALL, "event").cycles == 57


def test_without_memory_more_arrays_are_never_slower():
    hardware = SMALL.with_(dram=None)
    cycles = [simulate(Program.of_gemm(30, 8, 24), hardware.with_(arrays=count)).cycles for count in (1, 2, 3, 4, 5)]
    assert cycles == [columns * 4 * (2 + 30 + 2) for columns in (12, 6, 4, 3, 3)]  # of 12 columns the largest share


@pytest.mark.parametrize("dataflow", ["weight_stationary", "output_stationary", "input_stationary"])
def test_beside_a_fast_memory_only_an_array_that_shortens_no_share_is_slower_by_its_requests(dataflow):
    rich = SMALL.with_(**{"dram.bandwidth_gb_s": 4096.0, "dram.latency_ns": 0, "array.dataflow": dataflow})
    wide = 1 if dataflow == "input_stationary" else 2
    cycles = {count: simulate(Program.of_gemm(20, 64, 48), rich.with_(arrays=count)).cycles for count in range(1, 25)}
    for count in range(1, 24):
        largest = [-(-(48 // wide) // arrays) for arrays in (count, count + 1)]
        if largest[1] < largest[0]:
            assert cycles[count + 1] < cycles[count]
        else:
            assert cycles[count + 1] == cycles[count] + 2  # a cycle for its activations, one for its weights
