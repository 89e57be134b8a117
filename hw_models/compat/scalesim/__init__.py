"""SCALE-Sim 3: what it would report, its configurations, its topologies, its reports."""

from hw_models.compat.scalesim.config import ScaleSimConfig, read_config
from hw_models.compat.scalesim.formulas import ScaleSimFigures, figures
from hw_models.compat.scalesim.machine import hardware_of
from hw_models.compat.scalesim.reports import write_reports
from hw_models.compat.scalesim.storage import FilterStorage, filter_storage
from hw_models.compat.scalesim.topology import TopologyLayer, program_of, read_topology

__all__ = [
    "FilterStorage",
    "ScaleSimConfig",
    "ScaleSimFigures",
    "TopologyLayer",
    "figures",
    "filter_storage",
    "hardware_of",
    "program_of",
    "read_config",
    "read_topology",
    "write_reports",
]
