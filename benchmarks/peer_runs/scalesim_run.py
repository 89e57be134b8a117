"""Runs inside SCALE-Sim's environment: products on stdin, its cycles and its processor time on stdout."""

import contextlib
import csv
import io
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

CONFIGURATION = """[general]
run_name = bench
[architecture_presets]
ArrayHeight: {array}
ArrayWidth: {array}
IfmapSramSzkB: 256
FilterSramSzkB: 256
OfmapSramSzkB: 128
IfmapOffset: 0
FilterOffset: 10000000
OfmapOffset: 20000000
Bandwidth: 10
Dataflow: ws
MemoryBanks: 1
ReadRequestBuffer: 32
WriteRequestBuffer: 32
[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 10
IfmapSRAMBankNum: 10
IfmapSRAMBankPort: 2
FilterCustomLayout: False
FilterSRAMBankBandwidth: 10
FilterSRAMBankNum: 10
FilterSRAMBankPort: 2
[sparsity]
SparsitySupport: false
SparseRep: ellpack_block
OptimizedMapping: false
BlockSize: 8
RandomNumberGeneratorSeed: 40
[run_presets]
InterfaceBandwidth: CALC
UseRamulatorTrace: False
"""


def main() -> None:
    """One product at a time; repeats are not run again."""
    from scalesim.scale_sim import scalesim

    request = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (request["memory_bytes"], request["memory_bytes"]))
    cycles = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "machine.cfg").write_text(CONFIGURATION.format(array=request["array"]))
        (path / "layout.csv").write_text("Layer,M,N,K,\n" + "any,1,1,1,\n")
        begin = time.process_time()
        for name, m, k, n, _ in request["products"]:
            (path / "net.csv").write_text(f"Layer,M,N,K,\n{name},{m},{n},{k},\n")
            with contextlib.redirect_stdout(io.StringIO()):
                simulator = scalesim(
                    save_disk_space=True, verbose=False, config=str(path / "machine.cfg"),
                    topology=str(path / "net.csv"), layout=str(path / "layout.csv"), input_type_gemm=True,
                )  # fmt: skip
                simulator.run_scale(top_path=str(path / name))
            with (path / name / "bench" / "COMPUTE_REPORT.csv").open() as report:
                cycles[name] = int(next(csv.DictReader(report, skipinitialspace=True))["Total Cycles"])
        spent = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cycles": cycles, "cpu_s": spent, "peak_rss_mb": peak}))


main()
