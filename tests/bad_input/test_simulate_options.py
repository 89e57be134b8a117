"""Is every wrong word on the command line of `simulate` one clear line and exit 2?"""

import sys

import numpy as np
import pytest

from codesign.cli import main

GEMM = ("--gemm", "32x32x32")


@pytest.fixture
def refused(capsys, monkeypatch):
    """Run `codesign simulate`; returns the one line of complaint."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["codesign", "simulate", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        assert end.value.code == 2
        assert out == ""
        assert "Traceback" not in err
        return err

    return run


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "want one of --gemm"),
        ((*GEMM, "--model", "vit-base"), "want one of --gemm"),
        (("--gemm", "32x32"), "want MxKxN"),
        (("--gemm", "0x32x32"), "from 1 to 2147483647"),
        (("--gemm", "-1x32x32"), "want MxKxN"),
        (("--gemm", "1e3x32x32"), "want MxKxN"),
        (("--gemm", "2147483647x2147483647x2147483647"), "multiply-accumulates"),
        ((*GEMM, "--hardware", "edge61"), "did you mean edge16"),
        ((*GEMM, "--hardware", "gone.yaml"), "no file gone.yaml"),
        ((*GEMM, "--set", "array.row=8"), "did you mean rows"),
        ((*GEMM, "--set", "array.rows"), "FIELD=VALUE"),
        ((*GEMM, "--set", "array.rows=0"), "array.rows"),
        ((*GEMM, "--set", "array.rows=8", "--set", "array.rows=8"), "array.rows is set twice"),
        ((*GEMM, "--set", "array.cols=8", "--set", "array.size=16"), "array.cols is set twice"),
        ((*GEMM, "--accelergy", "gone/tables.yaml"), "accelergy: cannot write gone/tables.yaml: No such file"),
        ((*GEMM, "--trace", "gone/trace.json"), "trace: cannot write gone/trace.json: No such file"),
        ((*GEMM, "--scalesim-reports", "/dev/null/reports"), "reports: cannot write into /dev/null/reports: Not a dir"),
        ((*GEMM, "--set", "array.rows=eight"), "array.rows"),
        ((*GEMM, "--set", "array.rows=8.5"), "array.rows"),
        ((*GEMM, "--set", "array.rows=[8"), "YAML"),
        ((*GEMM, "--set", "clock_mhz=.nan"), "clock_mhz"),
        ((*GEMM, "--set", "clock_mhz=-1"), "clock_mhz"),
        ((*GEMM, "--set", "array.dataflow=ws"), "weight_stationary"),
        (
            (*GEMM, "--set", "array.dataflow=output_stationary", "--set", "array.overlap=wavefront"),
            "serial or double_buffered",
        ),
        ((*GEMM, "--set", "energy.node_nm=14"), "energy.node_nm"),
        ((*GEMM, "--engine", "quick"), "event, fast, auto"),
        (("--gemm", "65536x2097152x20971", "--engine", "event"), "the event engine takes"),
        ((*GEMM, "--density", "1.5"), "not from 0 to 1"),
        ((*GEMM, "--density", "nan"), "not from 0 to 1"),
        ((*GEMM, "--density", "0.5", "--seed", "-1"), "negative"),
        ((*GEMM, "--tile", "8x8"), "--mask or --density"),
        (("--gemm", "8x1000000x1000000", "--density", "0.5", "--tile", "1x1"), "tiles; 1,073,741,824 at most"),
        ((*GEMM, "--density", "0.5", "--tile", "8"), "KxN"),
        ((*GEMM, "--density", "0.5", "--compat", "scalesim"), "knows no masks"),
        ((*GEMM, "--compat", "timeloop"), "scalesim"),
        ((*GEMM, "--seq", "5"), "belong to --model"),
        ((*GEMM, "--size", "batch=2"), "none here"),
        (("--topology", "net.onnx", "--size", "batch"), "NAME=N"),
        (("--topology", "net.onnx", "--size", "batch=1", "--batch", "2"), "batch is given twice"),
        (("--model", "vit-bse"), "did you mean vit-base"),
        (("--model", "bert-base", "--seq", "513"), "1 to 512"),
        (("--model", "bert-base", "--batch", "0"), "--batch 0"),
        (("--topology", "net.txt"), "want a SCALE-Sim .csv or an .onnx"),
        (("--topology", "gone.csv"), "gone.csv"),
    ],
)
def test_a_wrong_option(refused, words, message):
    assert message in refused(*words)


def test_a_misspelt_option_is_refused_by_its_name(refused):
    assert "--hardwre" in refused(*GEMM, "--hardwre", "edge16")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: np.save(path, np.ones((2, 3), bool)), "needs (2, 2)"),
        (lambda path: np.save(path, np.ones((2, 2))), "want bool"),
        (lambda path: np.save(path, np.ones(4, bool)), "want bool"),
        (lambda path: np.save(path, np.array([[object()]]), allow_pickle=True), "mask.npy"),
        (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00v\x00{'descr': '|b1'"), "mask.npy"),
        (lambda path: path.write_bytes(b""), "mask.npy"),
    ],
)
def test_a_wrong_mask(refused, tmp_path, make, message):
    path = tmp_path / "mask.npy"
    make(path)
    assert message in refused(*GEMM, "--mask", path)
