"""The rows as CSV and Parquet, in the columns of the contract."""

from __future__ import annotations

from pathlib import Path

from codesign.report.results import Results


def write_tables(results: Results, out: Path) -> list[Path]:
    """`table.csv` and `table.parquet`, failed rows included."""
    out.mkdir(parents=True, exist_ok=True)
    csv, parquet = out / "table.csv", out / "table.parquet"
    results.rows.to_csv(csv, index=False)
    results.rows.to_parquet(parquet, index=False)
    return [csv, parquet]
