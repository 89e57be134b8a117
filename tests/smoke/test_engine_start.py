"""What starts a simulation: nothing heavy for a dense product, no torch ever, compiled code found again."""

import os
import subprocess
import sys
from pathlib import Path

DENSE = """
import sys
import hw_models
cost = hw_models.simulate(hw_models.Program.of_gemm(197, 768, 3072), hw_models.Hardware.load("edge16"))
print(cost.engine, cost.cycles, cost.energy.total_pj > 0, [name for name in HEAVY if name in sys.modules])
"""
SMALL_KERNEL = """
from hw_models.engine.fast.masked_look import ceil_div
from hw_models.engine.fast.compiled import FOLDER
print(ceil_div(7, 2), FOLDER is not None, sum(ceil_div.stats.cache_hits.values()))
"""


def run(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **environment}, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_dense_product_needs_neither_numba_nor_pandas_nor_torch():
    heavy = ("numba", "pandas", "torch", "simpy", "matplotlib", "hypothesis")
    engine, _, priced, *imported = run(f"HEAVY = {heavy}\n" + DENSE)
    assert (engine, priced, imported) == ("fast", "True", ["[]"])


def test_compiled_code_is_kept_for_the_next_process_by_the_content_of_its_sources(tmp_path):
    assert run(SMALL_KERNEL, CODESIGN_CACHE=str(tmp_path)) == ["4", "True", "0"]
    assert run(SMALL_KERNEL, CODESIGN_CACHE=str(tmp_path)) == ["4", "True", "1"]
    kept = list((tmp_path / "numba").iterdir())
    assert len(kept) == 1
    assert any(kept[0].rglob("*.nbc"))


def test_a_cache_that_can_not_be_made_costs_time_and_nothing_else(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert run(SMALL_KERNEL, CODESIGN_CACHE=str(tmp_path / "file")) == ["4", "False", "0"]


def test_nothing_compiled_is_left_inside_the_package():
    import hw_models

    assert not list(Path(hw_models.__file__).parent.rglob("*.nbc"))
