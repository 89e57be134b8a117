"""Do our figures equal SCALE-Sim 3.0.0's reports? tests/data holds what it reported, run under numpy 2.3."""

import csv
from pathlib import Path

import pytest

from hw_models.compat.scalesim import figures, filter_storage, read_topology, write_reports
from hw_models.compat.scalesim.config import DATAFLOWS

DATA = Path(__file__).parents[1] / "data"
COUNTS = ("total_cycles", "stall_cycles", "sram_filter_reads", "sram_ofmap_writes")
SPARSE_COLUMNS = {
    "Total Cycles": "total_cycles", "Overall Util %": "overall_util_pct",
    "Mapping Efficiency %": "mapping_efficiency_pct", "Compute Util %": "compute_util_pct",
    "SRAM IFMAP Reads": "ifmap_reads", "SRAM Filter Reads": "filter_reads", "SRAM OFMAP Writes": "ofmap_writes",
    "Avg IFMAP SRAM BW": "ifmap_bw", "Avg FILTER SRAM BW": "filter_bw", "Avg FILTER Metadata SRAM BW": "metadata_bw",
    "Avg OFMAP SRAM BW": "ofmap_bw", "Original Filter Storage": "original_storage",
    "New Storage (Filter+Metadata)": "new_storage", "Filter Metadata Storage": "metadata_storage",
}  # fmt: skip
PERCENTAGES = ("overall_util_pct", "mapping_efficiency_pct", "compute_util_pct")


def rows(name):
    with (DATA / name).open() as file:
        return list(csv.DictReader(file))


def test_products_of_any_shape():
    names = dict(zip(
        ("total_cycles", "stall_cycles", *PERCENTAGES, "sram_ifmap_reads", "sram_filter_reads", "sram_ofmap_writes"),
        ("Total Cycles", "Stall Cycles", "Overall Util %", "Mapping Efficiency %", "Compute Util %",
         "SRAM IFMAP Reads", "SRAM Filter Reads", "SRAM OFMAP Writes"),
        strict=True,
    ))  # fmt: skip
    reported = rows("scalesim_ragged.csv")
    assert len(reported) == 270
    for row in reported:
        sizes = (int(row[name]) for name in ("M", "K", "N", "R", "C"))
        ours = figures(*sizes, DATAFLOWS[row["df"]]).as_dict()
        for name, column in names.items():
            assert ours[name] == pytest.approx(float(row[column]), rel=1e-12, abs=0), (row, name)


def test_a_vit_block_at_every_array_and_dataflow():
    reported = rows("scalesim_vit_base.csv")
    assert len(reported) == 72
    for row in reported:
        ours = figures(*(int(row[name]) for name in ("M", "K", "N", "R", "C")), DATAFLOWS[row["dataflow"]])
        assert ours.total_cycles == int(row["scalesim_total_cycles"])
        assert ours.true_cycles == int(row["true_cycles"])
        assert ours.sram_ifmap_reads == int(row["sram_ifmap_reads"])
        assert ours.sram_filter_reads == int(row["sram_filter_reads"])
        assert ours.sram_ofmap_writes == int(row["sram_ofmap_writes_scalesim"])
        for ours_pct, column in (
            (ours.overall_util_pct, "overall_util_pct"),
            (ours.mapping_efficiency_pct, "mapping_eff_pct"),
            (ours.compute_util_pct, "compute_util_pct"),
        ):
            assert ours_pct == pytest.approx(float(row[column]), abs=5.1e-7)


def test_convolutions_thin_arrays_and_n_of_m_through_the_topology_reader(tmp_path):
    headers = {
        "conv": "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,",
        "gemm": "Layer,M,N,K,",
    }
    reported = rows("scalesim_conv.csv")
    assert len(reported) == 90
    for row in reported:
        path = tmp_path / "topology.csv"
        path.write_text(f"{headers[row['file']]}\n{row['line']},\n")
        (layer,) = read_topology(path)
        assert int(row["instance"]) < layer.repeat
        ratio = layer.n_of_m if row["sparsity"] == "true" else (1, 1)
        array = (int(row["rows"]), int(row["cols"]), DATAFLOWS[row["dataflow"]])
        ours = figures(layer.m, layer.k, layer.n, *array, ratio).as_dict()
        for name in COUNTS:
            assert ours[name] == int(row[name]), (row, name)
        for name in (*PERCENTAGES, "sram_ifmap_reads"):
            assert ours[name] == pytest.approx(float(row[name]), rel=1e-12), (row, name)


def test_n_of_m_weights_on_every_dataflow_and_what_they_take(tmp_path):
    """The four reports that it wrote with sparsity on, in each of its representations."""
    reported = rows("scalesim_sparse.csv")
    assert len(reported) == 90
    for row in reported:
        m, k, n, height, width = (int(row[name]) for name in ("m", "k", "n", "rows", "cols"))
        kept, group = map(int, row["n_of_m"].split(":"))
        ours = figures(m, k, n, height, width, DATAFLOWS[row["dataflow"]], (kept, group))
        storage = filter_storage(k, n, (kept, group), row["representation"])
        paths = write_reports(tmp_path, [ours], [storage])
        cells = {}
        for path in paths:
            cells |= next(csv.DictReader(path.open(), skipinitialspace=True))
        for ours_name, name in SPARSE_COLUMNS.items():
            assert float(cells[ours_name]) == pytest.approx(float(row[name]), rel=1e-12), (row, name)
        assert cells["Sparsity Representation"] == row["representation"]


def test_one_fold_by_hand():
    """4x4, weight stationary, 4x4x4: 4 cycles load, 4 stream, 4 + 4 - 2 drain: 14; the last has index 13."""
    ours = figures(4, 4, 4, 4, 4, "weight_stationary")
    assert (ours.total_cycles, ours.true_cycles) == (13, 14)
    assert ours.overall_util_pct == 100 * 64 / (13 * 16)
    assert ours.compute_util_pct == 100 * 4 / 17
    assert (ours.sram_ifmap_reads, ours.sram_filter_reads, ours.sram_ofmap_writes) == (16, 16, 16)


def test_where_scalesim_divides_by_zero_we_say_so():
    with pytest.raises(ValueError, match="divides by 0"):
        figures(1, 1, 1, 1, 1, "output_stationary")
