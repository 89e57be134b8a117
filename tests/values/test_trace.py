"""Does the timeline say what happened, in a form that ui.perfetto.dev opens?"""

import json
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from hw_models import Gemm, Hardware, HostOp, Program, TileMask, simulate
from hw_models.trace import write_trace

ALIVE = np.random.default_rng(0).random((9, 5)) < 0.6
PROGRAM = Program(
    (
        Gemm("masked", 40, 70, 40, TileMask(ALIVE, (8, 8), (70, 40)), repeat=2, bias=True),
        HostOp("soft", "softmax", 400, 10),
        Gemm("whole", 20, 40, 40),
    )
)
SMALL = {"buffers.activation.size_kib": 4, "buffers.weight.size_kib": 1, "buffers.output.size_kib": 4}


@pytest.mark.parametrize("name", ["edge8", "sasp8-int8", "tpuv4i", "rtl_ws"])
def test_a_timeline_ends_with_the_run_and_its_slices_do_not_overlap(name, tmp_path):
    hardware = Hardware.load(name).with_(**SMALL if name == "edge8" else {})
    write_trace(PROGRAM, hardware, tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    names = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    slices = defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            slices[names[event["tid"]]].append((event["ts"], event["ts"] + event["dur"]))
    end_us = max(end for track in slices.values() for _, end in track)
    assert end_us == pytest.approx(simulate(PROGRAM, hardware).latency_ms * 1000)
    for track in slices.values():
        track.sort()
        assert all(before[1] <= after[0] + 1e-6 for before, after in pairwise(track))
    assert {"operations", "host"} <= set(slices)


def test_a_slice_for_each_pass_and_buffers_that_come_back_to_empty(tmp_path):
    hardware = Hardware.load("edge8").with_(**SMALL)
    write_trace(PROGRAM, hardware, tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    once = Program(tuple(Gemm(op.name, op.m, op.k, op.n, op.tiles) for op in PROGRAM.ops if isinstance(op, Gemm)))
    assert sum(event["name"] == "stream" for event in events) == simulate(once, hardware).figures["passes"]
    levels = defaultdict(list)
    for event in events:
        if event["ph"] == "C":
            levels[event["name"]].append(event["args"]["bytes"])
    assert set(levels) == {"activation buffer", "weight buffer", "output buffer"}
    for name, level in levels.items():
        kib = SMALL[f"buffers.{name.split()[0]}.size_kib"]
        assert min(level) == level[-1] == 0
        assert max(level) <= kib * 1024


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match="trace: cannot write"):
        write_trace(PROGRAM, Hardware.load("edge8"), tmp_path / "none" / "trace.json")
