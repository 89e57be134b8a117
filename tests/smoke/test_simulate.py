"""Does `codesign simulate` answer, as the contract says, and start at once?"""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

from codesign.cli import main


@pytest.fixture
def codesign(capsys, monkeypatch):
    """Run the command in this process; returns (exit status, stdout, stderr)."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["codesign", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return end.value.code or 0, out, err

    return run


@pytest.fixture
def document(codesign):
    def run(*words):
        status, out, err = codesign("simulate", *words, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return run


def test_json_has_the_keys_of_the_contract(document):
    told = document("--gemm", "197x768x3072")
    energy = {"mac", "register", "sram", "dram", "host", "leakage", "total"}
    assert {
        "hardware", "engine", "version", "cycles", "latency_ms", "macs", "macs_skipped", "utilization", "energy_pj",
        "area_mm2", "dram_read_bytes", "dram_write_bytes", "sram_read_bytes", "sram_write_bytes", "bounds", "layers",
        "energy_source",
    } <= told.keys()  # fmt: skip
    assert told["energy_pj"].keys() == energy
    assert told["area_mm2"].keys() == {"array", "sram", "total"}
    assert told["macs"] == 197 * 768 * 3072
    (layer,) = told["layers"]
    assert layer["busy_cycles"] + layer["stall_cycles"] + layer["host_cycles"] == layer["cycles"] == told["cycles"]
    assert layer["energy_pj"].keys() == energy
    assert (layer["kind"], layer["m"], layer["k"], layer["n"], layer["repeat"]) == ("gemm", 197, 768, 3072, 1)
    assert told["energy_source"]["node_nm"] == told["hardware"]["energy"]["node_nm"]


def test_starting_takes_neither_torch_nor_numba_nor_pandas():
    code = (
        "import sys\n"
        "sys.argv = ['codesign', 'simulate', '--gemm', '197x768x3072', '--json']\n"
        "from codesign.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "late = {'torch', 'numba', 'pandas', 'matplotlib'} & set(sys.modules)\n"
        "print(sorted(late), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stderr.strip() == "[]"
    assert json.loads(ended.stdout)["macs"] == 197 * 768 * 3072


def test_a_network_with_a_random_mask(document):
    dense, masked = document("--model", "vit-base"), document("--model", "vit-base", "--density", "0.7", "--seed", "1")
    assert dense["macs"] == masked["macs"]
    assert 0.25 < masked["macs_skipped"] / dense["macs"] < 0.3  # scores and context have no weights to prune
    assert masked["cycles"] < dense["cycles"]
    assert masked == document("--model", "vit-base", "--density", "0.7", "--seed", "1")


def test_several_products_are_several_layers(document):
    told = document("--gemm", "8x16x24", "--gemm", "24x16x8", "--hardware", "edge8")
    assert [layer["name"] for layer in told["layers"]] == ["8x16x24", "24x16x8"]


def test_set_reaches_every_field_of_the_contract(document):
    changes = (
        "array.rows=32",
        "array.cols=8",
        "array.dataflow=output_stationary",
        "array.overlap=serial",
        "clock_mhz=250",
    )
    told = document("--gemm", "64x64x64", *(word for change in changes for word in ("--set", change)))
    array = told["hardware"]["array"]
    assert (array["rows"], array["cols"], array["dataflow"], array["overlap"]) == (32, 8, "output_stationary", "serial")
    assert told["latency_ms"] == pytest.approx(told["cycles"] / 250e3)


def test_a_mask_from_a_file(document, tmp_path):
    alive = np.zeros((4, 4), bool)
    alive[1, 2] = True
    np.save(tmp_path / "mask.npy", alive)
    told = document("--gemm", "50x64x64", "--mask", tmp_path / "mask.npy", "--tile", "16x16")
    assert told["macs_skipped"] == 15 * 50 * 256
    assert told["layers"][0]["passes_skipped"] == 15


def test_compat_stands_beside_our_cycles_and_in_the_reports(document, tmp_path):
    topology = tmp_path / "net.csv"
    topology.write_text("Layer,M,N,K,\nqk_t,197,197,64,\nout,197,768,768,\n")
    machine = ("--set", "array.size=32", "--set", "array.overlap=serial", "--set", "array.weight_format=fp32")
    told = document("--topology", topology, *machine, "--compat", "scalesim", "--scalesim-reports", tmp_path / "out")
    first, second = (layer["scalesim"] for layer in told["layers"])
    assert {
        "total_cycles", "stall_cycles", "overall_util_pct", "mapping_efficiency_pct", "compute_util_pct",
        "sram_ifmap_reads", "sram_filter_reads", "sram_ofmap_writes",
    } <= first.keys()  # fmt: skip
    assert (first["total_cycles"], second["total_cycles"]) == (4073, 167615)  # as SCALE-Sim 3.0.0 reported
    with (tmp_path / "out" / "COMPUTE_REPORT.csv").open() as file:
        assert [row["Total Cycles"] for row in csv.DictReader(file, skipinitialspace=True)] == ["4073", "167615"]


def test_text_names_machine_engine_node_and_table(codesign):
    status, out, _ = codesign("simulate", "--gemm", "64x64x64", "--hardware", "edge8")
    assert status == 0
    for word in ("edge8: 8x8 weight_stationary", "engine ", "table horowitz, logic at 28 nm", "64x64x64"):
        assert word in out


def test_accelergy_tables_are_written_and_taken_back(document, tmp_path):
    file = tmp_path / "tables.yaml"
    plain = document("--gemm", "64x64x64", "--accelergy", file)
    again = document("--gemm", "64x64x64", "--set", f"energy.accelergy={file}")
    assert again["energy_pj"]["total"] == pytest.approx(plain["energy_pj"]["total"])
