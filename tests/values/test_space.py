"""From YAML to designs: products, unions, ranges, conditions, and the block that follows the array."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.explore import axes
from codesign.explore.choices import check_pruning, shipped_spaces, space_file
from codesign.explore.space import Space
from codesign.explore.sweep import sweep
from codesign.rows.condition import Condition

RESULTS = Path(__file__).parents[2] / "results"
SHAPES = {"shapes": "vit-base"}


def test_the_space_of_the_contract_is_a_product() -> None:
    space = Space.of(
        {
            "workload": "speech",
            "prune": {"method": "wanda", "repair": "least_squares", "ratio": [0.0, 0.1, 0.2, 0.3], "block": "array",
                      "scope": "encoder-ff", "ranking": "global"},
            "hardware": {"base": "edge16", "array.size": [4, 8, 16, 32]},
            "seed": 0,
            "objectives": ["speedup", "quality"],
        }
    )  # fmt: skip
    designs = list(space.designs())
    assert len(designs) == 16 == axes.count(space.tree)
    assert {design.prune.block for design in designs} == {"4x4", "8x8", "16x16", "32x32"}
    assert all(
        design.prune.block == f"{design.hardware['array.size']}x{design.hardware['array.size']}" for design in designs
    )
    assert len({design.plan_key() for design in designs}) == 1 + 4 * 3, "dense is one plan, whatever the block"
    assert all(design.reference == {"base": "edge16", "array.size": 4} for design in designs)


def test_array_blocks_are_turned_with_the_weight() -> None:
    (design,) = Space.of(
        {"workload": SHAPES, "hardware": {"base": "edge16", "array.rows": 8, "array.cols": 32}}
    ).designs()
    assert design.prune.block_shape() == (32, 8), "(out, in) of a weight is (cols, rows) of the array that holds it"


def test_a_list_of_mappings_is_a_union() -> None:
    prune = [{"method": "magnitude", "ratio": [0.1, 0.2]}, {"method": "wanda", "repair": ["none", "bias"]}]
    designs = list(Space.of({"workload": "speech", "prune": prune}).designs())
    assert [(d.prune.method, d.prune.ratio, d.prune.repair) for d in designs] == [
        ("magnitude", 0.1, "none"), ("magnitude", 0.2, "none"), ("wanda", 0.0, "none"), ("wanda", 0.0, "bias"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ({"from": 4, "to": 32, "factor": 2}, [4, 8, 16, 32]),
        ({"from": 0, "to": 0.3, "step": 0.1}, [0, 0.1, 0.2, 0.3]),
        ({"from": 5, "to": 5, "step": 1}, [5]),
        ({"from": 1, "to": 10, "step": 4}, [1, 5, 9]),
    ],
)
def test_ranges(written: dict[str, float], means: list[float]) -> None:
    assert list(axes.expand(written)) == means
    assert axes.count(written) == len(means)


def test_conditions_choose_designs() -> None:
    space = {"workload": SHAPES, "prune": {"method": "random", "ratio": [0.1, 0.5], "block": [8, 16]}}
    where = ["prune.ratio < 0.3 or prune.block == '16x16'"]
    kept = [(d.prune.ratio, d.prune.block) for d in Space.of({**space, "where": where}).designs()]
    assert kept == [(0.1, "8x8"), (0.1, "16x16"), (0.5, "16x16")]


def test_block_is_array_can_be_asked_for() -> None:
    space = {"workload": SHAPES, "prune": {"block": [8, 16]}, "hardware": {"base": "edge16", "array.size": [8, 16, 32]}}
    kept = [
        (d.prune.block, d.hardware["array.size"])
        for d in Space.of({**space, "where": ["prune.block == array"]}).designs()
    ]
    assert kept == [("8x8", 8), ("16x16", 16)]


def test_a_condition_runs_no_code() -> None:
    for text in ("__import__('os').system('true')", "(lambda: 1)()", "prune.ratio.__class__()", "[x for x in 'a']"):
        with pytest.raises(ValueError, match="condition"):
            Condition(text)({"prune.ratio": 0.1})


_leaves = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)


@given(_leaves)
def test_counting_is_expanding(tree: object) -> None:
    assert axes.count(tree) == len(list(axes.expand(tree)))


@given(_leaves, st.randoms())
def test_what_is_drawn_is_in_the_space(tree: object, chance: object) -> None:
    leaf = axes.draw(tree, lambda _path, values: chance.randrange(len(values)))  # type: ignore[attr-defined]
    assert leaf in list(axes.expand(tree))


@pytest.mark.parametrize("name", shipped_spaces())
def test_spaces_that_ship_are_good_and_compare_with_one_machine(name: str) -> None:
    designs = list(Space.load(space_file(name)).designs())
    assert {design.canonical() for design in designs if not design.prune.ratio}, "the dense model is among them"
    assert all(
        design.reference == {"base": "edge16", "host.kind": "vector_unit", "array.size": 4} for design in designs
    )


def test_make_explore_sweeps_three_spaces_that_ship() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text()
    (spaces,) = re.findall(r"codesign sweep (.*) --out \$\(OUT\)", makefile)
    named = {str(next(Space.load(space_file(name)).designs()).workload["name"]) for name in spaces.split()}
    assert named == {"speech", "llm", "vit"}


@pytest.mark.parametrize(
    ("prune", "wrong"),
    [({"method": "wandaa"}, "wanda"), ({"repair": "sequential"}, "sequential"), ({"options": {"biass": 1}}, "biass")],
)
def test_a_name_that_there_is_none_of_ends_a_sweep_before_it_begins(prune, wrong, tmp_path: Path) -> None:
    space = Space.of({"workload": "vit", "prune": {"ratio": [0.1, 0.2], **prune}})
    with pytest.raises(ValueError, match=f"prune: .*{wrong}"):
        sweep(space.designs(), tmp_path / "store")
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("file", sorted(RESULTS.rglob("*.yaml")), ids=lambda file: str(file.relative_to(RESULTS)))
def test_spaces_of_the_results_can_be_run_again(file: Path) -> None:
    check_pruning(Space.load(file).designs())


def test_rows_of_a_model_on_a_gpu_stand_beside_those_of_the_same_on_a_cpu() -> None:
    space = Space.of({"workload": {"name": "llm", "limit": 3, "device": ["cpu", "cuda"]}})
    assert space.workloads == ["llm limit=3"]
    assert len(list(space.designs())) == 2
