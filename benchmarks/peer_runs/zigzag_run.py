"""Runs inside ZigZag's environment: products on stdin, its cycles and its processor time on stdout.

The machine is the `tpu_like` one of its wheel with another size; the mapping keeps weights still.
"""

import contextlib
import io
import json
import logging
import resource
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """All products as the layers of one workload, each once; the fastest search it has (loma, lpf_limit 4)."""
    import yaml
    import zigzag
    from zigzag.api import get_hardware_performance_zigzag

    logging.disable(logging.CRITICAL)
    request = json.load(sys.stdin)
    side = request["array"]
    machine = yaml.safe_load((Path(zigzag.__file__).parent / "inputs/hardware/tpu_like.yaml").read_text())
    machine["operational_array"]["sizes"] = [side, side]
    mapping = [
        {
            "name": "default",
            "spatial_mapping": {"D1": [f"K, {side}"], "D2": [f"C, {side}"]},
            "memory_operand_links": {"O": "O", "W": "I2", "I": "I1"},
        }
    ]
    layers = [
        {
            "id": index,
            "name": name,
            "operator_type": "Gemm",
            "equation": "O[b][k]+=I[b][c]*W[k][c]",
            "dimension_relations": [],
            "loop_dims": ["B", "K", "C"],
            "loop_sizes": [m, n, k],
            "operand_precision": {"W": 8, "I": 8, "O": 16, "O_final": 8},
            "operand_source": {"I": index, "W": index},
        }
        for index, (name, m, k, n, _) in enumerate(request["products"])
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("machine", machine), ("mapping", mapping), ("layers", layers)):
            (Path(folder) / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
        begin = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            _, _, results = get_hardware_performance_zigzag(
                f"{folder}/layers.yaml", f"{folder}/machine.yaml", f"{folder}/mapping.yaml", lpf_limit=4,
                dump_folder=f"{folder}/out", loma_show_progress_bar=False,
            )  # fmt: skip
        spent = time.process_time() - begin
    cycles = {one[0].layer.name: int(one[0].latency_total2) for one in results[0][1]}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cycles": cycles, "cpu_s": spent, "peak_rss_mb": peak}))


main()
