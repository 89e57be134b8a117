"""Runs inside AccelForge's environment: products on stdin, its latency and its processor time on stdout.

Its array is a fan-out of multipliers with a weight register each, below a global buffer and a main memory; it maps each
product optimally, one at a time, and knows neither filling nor draining of an array.
"""

import contextlib
import io
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

MACHINE = """
arch:
  nodes:
  - !Memory
    name: MainMemory
    size: inf
    leak_power: 0
    area: 0
    tensors: {{keep: ~Intermediates, may_keep: All}}
    actions:
    - {{name: read, energy: 64, throughput: inf, latency: 0}}
    - {{name: write, energy: 64, throughput: inf, latency: 0}}
  - !Memory
    name: Buffer
    size: 8 * 1024 * 640
    leak_power: 0
    area: 0
    tensors: {{keep: input | output, may_keep: All}}
    actions:
    - {{name: read, energy: 2, throughput: inf, latency: 0}}
    - {{name: write, energy: 2, throughput: inf, latency: 0}}
  - !Container
    name: Array
    spatial:
    - {{name: reuse_input, fanout: {side}, may_reuse: input, reuse: input}}
    - {{name: reuse_output, fanout: {side}, may_reuse: output, reuse: output}}
  - !Memory
    name: Register
    size: 8
    leak_power: 0
    area: 0
    tensors: {{keep: weight}}
    actions:
    - {{name: read, energy: 0, throughput: inf, latency: 0}}
    - {{name: write, energy: 0, throughput: inf, latency: 0}}
  - !Compute
    name: MAC
    leak_power: 0
    area: 0
    actions:
    - {{name: compute, energy: 0.3, throughput: 1, latency: 0}}
"""
PRODUCT = """
workload:
  iteration_space_shape:
    m: 0 <= m < {m}
    k: 0 <= k < {k}
    n: 0 <= n < {n}
  bits_per_value: {{All: 8}}
  einsums:
  - name: Product
    tensor_accesses:
    - {{name: I, projection: [m, k]}}
    - {{name: W, projection: [k, n]}}
    - {{name: O, projection: [m, n], output: True}}
    renames: {{weight: W, input: I, output: O}}
"""


def main() -> None:
    """One product at a time; repeats are not mapped again."""
    import accelforge

    accelforge.set_n_parallel_jobs(1)
    request = json.load(sys.stdin)
    cycles = {}
    with tempfile.TemporaryDirectory() as folder:
        machine = Path(folder) / "machine.yaml"
        machine.write_text(MACHINE.format(side=request["array"]))
        begin = time.process_time()
        for name, m, k, n, _ in request["products"]:
            product = Path(folder) / "product.yaml"
            product.write_text(PRODUCT.format(m=m, k=k, n=n))
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                spec = accelforge.Spec.from_yaml(str(machine), str(product))
                spec.mapper.metrics = accelforge.Metrics.LATENCY
                mapped = spec.map_workload_to_arch(print_progress=False)
            cycles[name] = float(mapped.data["Total<SEP>latency"].min())
        spent = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cycles": cycles, "cpu_s": spent, "peak_rss_mb": peak}))


main()
