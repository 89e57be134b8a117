"""10,000 malformed machines, configurations and topologies: each is refused in one sentence that names the file.

Every kind of damage below makes the file wrong for certain, so acceptance would be a wrong number. Other digits, which
may leave a file good, are a test of their own: what is accepted must run and keep within its bounds.
"""

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from hw_models import Hardware, Program, simulate
from hw_models.compat.scalesim import read_topology

MACHINES, CONFIGURATIONS, TOPOLOGIES = 2500, 3750, 3750
THROUGH_THE_COMMAND = 50

MACHINE = """name: made
clock_mhz: 500
array:
  rows: 8
  cols: 8
  dataflow: weight_stationary
  overlap: double_buffered
  activation_format: int8
  weight_format: int8
sparsity:
  kind: tile_skip
  scan_bits: 64
buffers:
  activation: {size_kib: 32}
  weight: {size_kib: 32}
  output: {size_kib: 32}
dram:
  kind: lpddr4
  bandwidth_gb_s: 12.8
  latency_ns: 100
host:
  kind: scalar
energy:
  table: horowitz
  node_nm: 28
"""
CONFIGURATION = """[general]
run_name = made
[architecture_presets]
ArrayHeight: 8
ArrayWidth: 8
IfmapSramSzkB: 32
FilterSramSzkB: 32
OfmapSramSzkB: 32
Dataflow: ws
Bandwidth: 10
[sparsity]
SparsitySupport: false
[run_presets]
InterfaceBandwidth: USER
"""
PRODUCTS = "Layer,M,N,K,\nfirst,20,30,40,\nsecond,50,60,70,2:4,\n"
CONVOLUTIONS = (
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"
    "first, 12, 12, 3, 3, 3, 8, 1,\nsecond, 10, 10, 3, 3, 8, 16, 2,\n"
)
NUMBERS = ("rows", "cols", "clock_mhz", "size_kib", "bandwidth_gb_s", "scan_bits", "node_nm")
NO_NUMBERS = ("-1", "0", ".nan", ".inf", "-.inf", "eight", "'8'", "[8]", "{a: 1}", "true", "1e30", "0x", "8 8", "")
NO_COUNTS = ("-1", "0", "1.5", "nan", "eight", "1e3", "", "8 8", "0x8", "99999999999999999999", "\u0663", "3000000000")


def spoil_machine(rng):
    """A machine file that is wrong."""
    lines = MACHINE.splitlines()
    match rng.randrange(9):
        case 0:
            name, value = rng.choice(NUMBERS), rng.choice(NO_NUMBERS)
            place = rng.choice([i for i, line in enumerate(lines) if f"{name}:" in line])
            head = lines[place].split(f"{name}:")[0]
            lines[place] = f"{head}{name}: {value}" + ("}" if head.rstrip().endswith("{") else "")
        case 1:
            place = rng.choice([i for i, line in enumerate(lines) if not line.startswith("name")])
            key = lines[place].strip().split(":")[0]
            lines[place] = lines[place].replace(key, misspelt(key, rng), 1)
        case 2:
            place = rng.choice([i for i, line in enumerate(lines) if line.startswith("  ")])
            lines.insert(place, lines[place])
        case 3:
            field = rng.choice(("kind", "dataflow", "overlap", "activation_format", "weight_format", "table"))
            place = rng.choice([i for i, line in enumerate(lines) if line.strip().startswith(f"{field}:")])
            lines[place] = lines[place].split(":")[0] + ": " + rng.choice(("ws", "fp8", "4", "[]", "lpddr9", "~x"))
        case 4:
            required = ("rows:", "cols:", "clock_mhz:", "activation:", "bandwidth_gb_s:")
            gone = rng.choice(required)
            lines.remove(next(line for line in lines if line.strip().startswith(gone)))
        case 5:
            lines.insert(rng.randrange(1, len(lines)), rng.choice(("\t- x", "  : :", "]", "}{", "@", "%", "&a *b")))
        case 6:
            return rng.choice(
                ("", "[]", "3", "- a\n- b", "null", "{" * 2000, "[" * 2000, "\x00\x01", "? ?", "name: [", "1: 2")
            )
        case 7:
            lines.insert(
                0,
                rng.choice(
                    ("extends: gone", "extends: 3", "extends: [edge16]", "extends: machine.yaml", "extends: ../x")
                ),
            )
        case 8:
            lines.insert(
                rng.randrange(1, 3), f"{rng.choice(('colour', 'cores', 'array_', 'Array'))}: {rng.randrange(9)}"
            )
    return "\n".join(lines) + "\n"


def spoil_configuration(rng):
    """A `.cfg` that is wrong."""
    lines = CONFIGURATION.splitlines()
    match rng.randrange(8):
        case 0:
            name = rng.choice(
                ("ArrayHeight", "ArrayWidth", "IfmapSramSzkB", "FilterSramSzkB", "OfmapSramSzkB", "Bandwidth")
            )
            place = next(i for i, line in enumerate(lines) if line.startswith(name))
            lines[place] = f"{name}: {rng.choice(NO_COUNTS)}"
        case 1:
            keys = [i for i, line in enumerate(lines) if ":" in line or "=" in line]
            place = rng.choice(keys)
            key = lines[place].split(":")[0].split("=")[0].strip()
            lines[place] = lines[place].replace(key, misspelt(key, rng), 1)
        case 2:
            removable = (
                "ArrayHeight",
                "Dataflow",
                "OfmapSramSzkB",
                "Bandwidth",
                "InterfaceBandwidth",
                "run_name",
                "SparsitySupport",
            )
            gone = rng.choice(removable)
            lines = [line for line in lines if not line.startswith(gone)]
        case 3:
            place = rng.choice([i for i, line in enumerate(lines) if ":" in line])
            lines.insert(place, lines[place])
        case 4:
            field, values = rng.choice((
                ("Dataflow", ("weight", "WS", "", "rs", "os ws")), ("InterfaceBandwidth", ("CALCULATE", "user", "")),
                ("SparsitySupport", ("yes", "1", "", "maybe")),
            ))  # fmt: skip
            place = next(i for i, line in enumerate(lines) if line.startswith(field))
            lines[place] = f"{field}: {rng.choice(values)}"
        case 5:
            section = rng.choice(("[general]", "[architecture_presets]", "[run_presets]"))
            lines = [line for line in lines if line != section]
        case 6:
            lines.insert(rng.randrange(len(lines)), rng.choice(("[", "[general", "no key here", "= 3", "[general]")))
        case 7:
            return rng.choice(
                (
                    "",
                    "\x00",
                    "name: made\n",
                    "[general]\n",
                    "{}",
                    "\xff\xfe",
                    "[architecture_presets]\nArrayHeight: 8\n",
                )
            )
    return "\n".join(lines) + "\n"


def spoil_topology(rng):
    """A topology that is wrong."""
    text = rng.choice((PRODUCTS, CONVOLUTIONS))
    lines = [line.split(",") for line in text.splitlines()]
    columns = 3 if text is PRODUCTS else 7
    match rng.randrange(9):
        case 0:
            rng.choice(lines[1:])[rng.randrange(1, columns + 1)] = rng.choice(NO_COUNTS)
        case 1:
            line = rng.choice(lines[1:])
            del line[rng.randrange(1, columns + 1) :]
        case 2:
            del lines[0]
        case 3:
            lines = lines[:1]
        case 4:
            order = rng.choice((["M", "K", "N"], ["K", "M", "N"], ["N", "M", "K"], ["A", "B", "C"], ["M", "N"], []))
            lines = [["Layer", *order, ""], ["first", "2", "3", "4", ""]]
        case 5 if text is PRODUCTS:
            lines[2][4] = rng.choice(("4:2", "2:", ":4", "0:4", "a:b", "2:4:8", "-1:4", "1:0"))
        case 5:
            rng.choice(lines[1:])[rng.choice((3, 4))] = str(rng.randrange(13, 99))
        case 6:
            rng.choice(lines[1:])[rng.randrange(1, columns + 1)] = f'"{rng.choice(NO_COUNTS)}\n'
        case 7:
            rng.choice(lines[1:])[0] = rng.choice(("fi\x00rst", "\x1b[2J", "a\x07b", "a\u202eb"))
        case 8:
            return rng.choice(
                ("", "\n\n", ",,,,", "\x00", "\xff\xfe", "Layer", "M,N,K,\n1,2,3,\n", "a;b;c\n1;2;3\n", "{}")
            )
    return "\n".join(",".join(line) for line in lines) + "\n"


def misspelt(word, rng):
    """The word with two neighbouring letters swapped or one doubled or gone; never the word itself."""
    while True:
        place = rng.randrange(len(word) - 1)
        made = rng.choice((
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            word[:place] + word[place] + word[place:], word[:place] + word[place + 1 :],
        ))  # fmt: skip
        if made.lower() != word.lower() and made.strip("_"):
            return made


KINDS = {
    "machine.yaml": (MACHINES, spoil_machine, Hardware.load),
    "machine.cfg": (CONFIGURATIONS, spoil_configuration, Hardware.load),
    "net.csv": (TOPOLOGIES, spoil_topology, read_topology),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_untouched_file_is_good(tmp_path, name):
    good = {"machine.yaml": MACHINE, "machine.cfg": CONFIGURATION, "net.csv": PRODUCTS}[name]
    (tmp_path / name).write_text(good)
    assert KINDS[name][2](tmp_path / name)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_malformed_is_refused_in_one_sentence(tmp_path, name):
    count, spoil, load = KINDS[name]
    path, rng, slowest = tmp_path / name, random.Random(name), 0.0
    for _ in range(count):
        text = spoil(rng)
        path.write_text(text, encoding="utf-8", newline="")
        begin = time.perf_counter()
        try:
            accepted = load(path)
        except ValueError as refusal:
            sentence = str(refusal)
        else:
            pytest.fail(f"accepted as {accepted!r}:\n{text}")
        slowest = max(slowest, time.perf_counter() - begin)
        assert name.split(".")[0] in sentence or "did you mean" in sentence, (sentence, text)
        assert "\n" not in sentence, (sentence, text)
        assert len(sentence) < 800, (sentence, text)
    assert slowest < 60, "a hang; how fast it is, is no matter here"


def test_what_other_digits_leave_good_keeps_within_its_bounds(tmp_path):
    """A file with other numbers may still be a machine; then it runs, whatever the numbers are."""
    rng, accepted = random.Random(7), 0
    for _ in range(300):
        text = list(rng.choice((MACHINE, CONFIGURATION)))
        path = tmp_path / ("machine.yaml" if text[0] == "n" else "machine.cfg")
        for place in rng.sample([i for i, letter in enumerate(text) if letter.isdigit()], 4):
            text[place] = rng.choice("0123456789")
        path.write_text("".join(text))
        try:
            machine = Hardware.load(path)
        except ValueError:
            continue
        accepted += 1
        cost = simulate(Program.of_gemm(m=20, k=40, n=30), machine)
        assert cost.cycles >= max(cost.figures["bound_compute_cycles"], cost.figures["bound_memory_cycles"]) > 0
        assert cost.figures["macs"] == 24000
        assert 0 < cost.energy.total_pj < float("inf")
    assert accepted > 100


def test_what_is_malformed_ends_the_command_with_2_and_one_line(tmp_path):
    rng, calls = random.Random(50), []
    for number in range(THROUGH_THE_COMMAND):
        name = rng.choice(list(KINDS))
        path = tmp_path / f"{number}-{name}"
        path.write_text(KINDS[name][1](rng), encoding="utf-8", newline="")
        option = ("--topology", path) if name == "net.csv" else ("--gemm", "8x8x8", "--hardware", path)
        calls.append([sys.executable, "-c", "from codesign.cli import main; main()", "simulate", *map(str, option)])
    with ThreadPoolExecutor(2) as pool:
        ended = pool.map(lambda call: subprocess.run(call, capture_output=True, text=True, timeout=60), calls)
    for call, one in zip(calls, ended, strict=True):
        assert (one.returncode, one.stdout) == (2, ""), (call, one.stderr)
        assert one.stderr.startswith("codesign: ")
        assert one.stderr.count("\n") == 1


def test_there_are_as_many_as_the_heading_says():
    assert MACHINES + CONFIGURATIONS + TOPOLOGIES == 10_000
