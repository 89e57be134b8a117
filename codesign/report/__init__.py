"""Figures, tables and one page, all from stored rows. Runs without torch and without the simulator."""

from codesign.report.build import build

__all__ = ["build"]
