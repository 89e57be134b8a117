"""What `hw_models` says of a job: the machine `rtl_ws` with the parameters of the RTL, and its cycles."""

from __future__ import annotations

from typing import Literal

from hw_models import Cost, Hardware, Program, simulate
from rtl.bench.job import Job
from rtl.bench.job_os import OutputStationaryJob

FORMATS = {"int8": ("int8", "int8"), "hybrid": ("fp32", "int8"), "fp32": ("fp32", "fp32")}


def hardware(job: Job | OutputStationaryJob) -> Hardware:
    """The machine that the job runs on."""
    machine = job.machine
    activation, weight = FORMATS[machine.format]
    return Hardware.load("rtl_ws").with_(
        **{
            "array.rows": machine.rows,
            "array.cols": machine.cols,
            "array.dataflow": "output_stationary" if isinstance(job, OutputStationaryJob) else "weight_stationary",
            "array.overlap": job.overlap,
            "array.activation_format": activation,
            "array.weight_format": weight,
            "array.pe_stages": machine.stages,
            "array.ragged": job.ragged,
            "array.port_bits": machine.port_bits,
            "sparsity.scan_bits": machine.scan_bits,
        }
    )


def cost(job: Job | OutputStationaryJob, engine: Literal["event", "fast", "auto"] = "event") -> Cost:
    """What the simulator says the run costs: cycles from the first search or load to the last sum written."""
    machine, (m, k), n = job.machine, job.a.shape, job.b.shape[1]
    tile = None if job.mask is None else (machine.rows, machine.cols)
    return simulate(Program.of_gemm(m, k, n, job.mask, tile), hardware(job), engine=engine)
