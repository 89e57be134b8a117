"""Are SCALE-Sim's files read as it reads them, and its reports written as it writes them?"""

import csv
import sys
from unittest import mock

import pytest

from codesign.cli import main
from hw_models import Gemm, Hardware, simulate
from hw_models.compat.scalesim import figures, program_of, read_config, read_topology, write_reports

VERSION_2 = """[general]
run_name = "eyeriss"
[architecture_presets]
ArrayHeight:    12
ArrayWidth:     14
IfmapSramSzkB:    36
FilterSramSzkB:   36
OfmapSramSzkB:    36
IfmapOffset:    0
FilterOffset:   10000000
OfmapOffset:    20000000
Dataflow : os
Bandwidth : 10
MemoryBanks: 1
[run_presets]
InterfaceBandwidth: CALC
SRAM_row_size: 2
"""
VERSION_3 = (
    VERSION_2.replace("CALC", "USER")
    + """UseRamulatorTrace: False
[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 10
[sparsity]
SparsitySupport : true
SparseRep : ellpack_block
OptimizedMapping : false
"""
)


@pytest.fixture
def cfg(tmp_path):
    def write(text):
        path = tmp_path / "machine.cfg"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def topology(tmp_path):
    def write(text):
        path = tmp_path / "net.csv"
        path.write_text(text)
        return read_topology(path)

    return write


def test_version_2(cfg):
    config = read_config(cfg(VERSION_2))
    assert (config.run_name, config.rows, config.cols, config.dataflow) == ("eyeriss", 12, 14, "output_stationary")
    assert config.bandwidth_words is None
    assert config.ignored == ("run_presets.sram_row_size",)


def test_version_3_with_user_bandwidth_and_sparsity(cfg):
    config = read_config(cfg(VERSION_3))
    assert config.bandwidth_words == 10
    assert config.sparsity == "ellpack_block"


def test_a_configuration_is_a_machine_whose_cycles_are_f_times_l(cfg):
    machine = Hardware.load(cfg(VERSION_2))
    cost = simulate(program_of(read([("a", 30, 40, 50)]), "net"), machine)
    assert cost.cycles == figures(30, 50, 40, 12, 14, "output_stationary").true_cycles
    assert machine.dram is None
    assert machine.description.endswith("passed over: run_presets.sram_row_size")
    user = Hardware.load(cfg(VERSION_3.replace("os", "ws")))
    assert user.dram.bandwidth_gb_s == 10  # a byte a cycle at 1 GHz is 1 GB/s


def read(layers):
    from hw_models.compat.scalesim import TopologyLayer

    return tuple(TopologyLayer(name, m, k, n) for name, m, n, k in layers)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Layer,M,N,K,\nL0,196,192,1024,\n", (196, 1024, 192, (1, 1))),
        ("Layer,M,N,K\nL0,196,192,1024", (196, 1024, 192, (1, 1))),
        ("Layer Name, M, N, K, Sparsity,\nGEMM_1, 3, 5, 16, 3:4,", (3, 16, 5, (3, 4))),
        ("\ufeffLayer,M,N,K,\r\nL0,\t196 ,192,1024,\r\n\r\n", (196, 1024, 192, (1, 1))),
    ],
)
def test_products_as_the_examples_write_them(topology, text, expected):
    (layer,) = topology(text)
    assert (layer.m, layer.k, layer.n, layer.n_of_m) == expected


HEADER = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 12 - 3 + 2 = 11, / 2 = 5.5: SCALE-Sim makes 6 outputs of it where a framework makes 5
        (f"{HEADER},\n\nc, 12, 12, 3, 3, 3, 10, 2,\n", (36, 27, 10, 1)),
        (f"{HEADER},\nConv2_dw, 112, 112, 3, 3, 1, 1, 1,#dw\n", (110 * 110, 9, 1, 1)),
        (f"{HEADER},,,Eh,Ew,e2\n,,,,,,,,,,,,\nConv1,224,224,7,7,3,64,2,,,110,110,12100\n", (110 * 110, 147, 64, 1)),
        (f"{HEADER},\nDPc, 9, 9, 3, 3, 5, 1, 1,\n", (49, 9, 1, 5)),
    ],
)
def test_convolutions_as_the_examples_write_them(topology, text, expected):
    (layer,) = topology(text)
    assert (layer.m, layer.k, layer.n, layer.repeat) == expected


def test_n_of_m_weights_are_rows_that_a_row_skipping_machine_leaves_out(topology, cfg):
    (layer,) = topology("Layer,M,N,K,Sparsity,\na,50,30,90,2:4,\n")
    gemm = layer.gemm()
    assert isinstance(gemm, Gemm)
    assert gemm.tiles.alive[:6, 0].tolist() == [True, True, False, False, True, True]
    machine = Hardware.load(cfg(VERSION_3.replace("os", "ws").replace("USER", "CALC"))).with_(**{"array.size": 16})
    cost = simulate(program_of((layer,), "net"), machine)
    assert cost.cycles == figures(50, 90, 30, 16, 16, "weight_stationary", (2, 4)).true_cycles == 576


def test_reports_have_scalesims_columns_and_figures(tmp_path):
    layer = figures(197, 64, 197, 32, 32, "weight_stationary")
    paths = write_reports(tmp_path / "reports", [layer, layer])
    assert [path.name for path in paths] == ["COMPUTE_REPORT.csv", "BANDWIDTH_REPORT.csv", "DETAILED_ACCESS_REPORT.csv"]
    compute, bandwidth, access = (
        list(csv.DictReader(path.open(), skipinitialspace=True)) for path in paths
    )  # fmt: skip
    assert compute[1]["LayerID"] == "1"
    assert float(compute[0]["Overall Util %"]) == pytest.approx(59.55223422538669, rel=1e-15)  # as it reported
    assert compute[0]["Total Cycles"] == "4073"
    assert float(bandwidth[0]["Avg IFMAP SRAM BW"]) == 88256 / 4073
    assert access[0]["SRAM OFMAP Writes"] == "77618"
    assert access[0]["DRAM IFMAP Reads"] == ""


@pytest.mark.parametrize("dataflow", ["ws", "os", "is"])
def test_sparsity_brings_one_report_more_and_one_column(tmp_path, cfg, dataflow):
    """Headers byte by byte as version 3.0.0 writes them, and its figures for two layers of one run."""
    (tmp_path / "net.csv").write_text("Layer,M,N,K,Sparsity,\na, 50, 30, 90, 2:4,\nc, 20, 16, 24, 3:8,\n")
    config = cfg(VERSION_3.replace(": os", f": {dataflow}").replace("USER", "CALC"))
    words = ("--hardware", config, "--topology", tmp_path / "net.csv", "--scalesim-reports", tmp_path / "out")
    assert run_main("simulate", *words) == 0
    sparse = (tmp_path / "out" / "SPARSE_REPORT.csv").read_text().splitlines()
    assert sparse[0] == (
        "LayerID, Sparsity Representation, Original Filter Storage, New Storage (Filter+Metadata), "
        "Filter Metadata Storage, Avg FILTER Metadata SRAM BW, "
    )
    assert sparse[1].startswith("0, ellpack_block, 2700, 1466.25, 86.25, ")
    assert sparse[2].startswith("1, ellpack_block, 384, 157.5, 13.5, ")
    bandwidth = (tmp_path / "out" / "BANDWIDTH_REPORT.csv").read_text().splitlines()
    assert bandwidth[0] == (
        "LayerID, Avg IFMAP SRAM BW, Avg FILTER SRAM BW, Avg FILTER Metadata SRAM BW, Avg OFMAP SRAM BW, "
        "Avg IFMAP DRAM BW, Avg FILTER DRAM BW, Avg OFMAP DRAM BW,"
    )


def run_main(*words):
    with mock.patch.object(sys, "argv", ["codesign", *map(str, words)]), pytest.raises(SystemExit) as end:
        main()
    return end.value.code or 0


def test_dataflows_whose_packing_is_scalesims_alone_say_so(cfg):
    machine = Hardware.load(cfg(VERSION_3))
    assert machine.sparsity.kind == "none"
    assert "save cycles in SCALE-Sim's figures alone" in machine.description
