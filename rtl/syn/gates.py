"""An array netlist simulated gate by gate, all elements at once: a net of the element is one integer, a bit an element.

Zero delay: a net changes at most once a cycle, so glitches are not counted, and energies made of these toggles are
lower bounds.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rtl.syn.cells import Group

Bit = int | str  # a net of a yosys JSON netlist; "0", "1" and "x" are constants
State = dict[Bit, int]
PORTS = ("weight_i", "take_i", "act_i", "select_i", "sum_o")
"""Of rtl/array.sv: what a run is recorded at."""


@dataclass(frozen=True)
class Instance:
    """A cell of a module: its kind and the net at each pin."""

    kind: str
    pins: Mapping[str, Bit]


@dataclass(frozen=True)
class Module:
    """A module of the netlist, its logic compiled."""

    ports: Mapping[str, list[Bit]]
    inputs: frozenset[str]
    cells: list[Instance]
    children: list[Mapping[str, list[Bit]]]
    """Ports of each element in it."""
    settle: Callable[[State, int], None]
    """Puts the value of every net behind a gate."""
    registers: list[tuple[Bit, Bit | None, Bit | None, Bit | None]]
    """(D, Q, inverted Q, enable) of each flip-flop."""


def read(netlist: Path, cells: Mapping[str, Group]) -> dict[str, Module]:
    """The modules `array` and `element` of a netlist.json; `cells` are the groups of the liberty file."""
    content = json.loads(netlist.read_text())["modules"]
    return {name: _module(content[name], cells) for name in ("array", "element")}


def _module(raw: dict[str, Any], cells: Mapping[str, Group]) -> Module:  # Any: JSON
    ports = {name: port["bits"] for name, port in raw["ports"].items()}
    inputs = frozenset(name for name, port in raw["ports"].items() if port["direction"] == "input")
    mapped, children = [], []
    for cell in raw["cells"].values():
        if cell["type"] == "element":
            children.append(cell["connections"])
        else:
            mapped.append(Instance(cell["type"], {pin: bits[0] for pin, bits in cell["connections"].items()}))
    gates: list[tuple[Bit, str, set[Bit]]] = []
    registers = []
    for cell in mapped:
        group = cells[cell.kind]
        memory = next(group.all("ff"), None)
        if memory is not None:
            registers.append(_register(cell, group, memory))
            continue
        for pin in group.all("pin"):
            if "function" in pin.attributes and pin.name in cell.pins:
                text, needs = _expression(pin.attributes["function"], cell.pins)
                gates.append((cell.pins[pin.name], text, needs))
    return Module(ports, inputs, mapped, children, _compiled(gates), registers)


def _register(cell: Instance, group: Group, memory: Group) -> tuple[Bit, Bit | None, Bit | None, Bit | None]:
    """A plain D flip-flop, perhaps with an enable as in sky130's edfxtp; set and reset are tied off by dfflibmap."""
    q, q_n = memory.name.split(",")[:2]
    by_function = {pin.attributes.get("function"): cell.pins.get(pin.name) for pin in group.all("pin")}
    enable = cell.pins.get("DE")
    assert "D" in re.findall(r"\w+", memory.attributes["next_state"]), f"{cell.kind} is not a D flip-flop"
    return cell.pins["D"], by_function.get(q), by_function.get(q_n), enable


def _expression(function: str, pins: Mapping[str, Bit]) -> tuple[str, set[Bit]]:
    """Python of a liberty function, and the nets it reads."""
    needs: set[Bit] = set()

    def net(match: re.Match[str]) -> str:
        bit = pins[match[0]]
        if isinstance(bit, str):
            return "m" if bit == "1" else "0"
        needs.add(bit)
        return f"v[{bit}]"

    text = re.sub(r"[A-Za-z_]\w*", net, function)
    return text.replace("!", "~").replace("*", "&").replace("+", "|"), needs


def _compiled(gates: list[tuple[Bit, str, set[Bit]]]) -> Callable[[State, int], None]:
    """One function that settles all gates, in the order in which they depend on each other."""
    made_by = {out: place for place, (out, _, _) in enumerate(gates)}
    order: list[int] = []
    state = [0] * len(gates)  # 0 not seen, 1 under way, 2 placed
    for root in range(len(gates)):
        stack = [root]
        while stack:
            place = stack[-1]
            if state[place] == 0:
                state[place] = 1
                stack += [made_by[bit] for bit in gates[place][2] if bit in made_by and state[made_by[bit]] == 0]
            else:
                stack.pop()
                if state[place] == 1:
                    state[place] = 2
                    order.append(place)
    lines = [f" v[{gates[place][0]}] = ({gates[place][1]}) & m" for place in order]
    space: dict[str, Any] = {}
    exec("def settle(v, m):\n" + "\n".join(lines or [" pass"]), space)  # our own netlist, made by yosys
    return space["settle"]  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Activity:
    """Toggles of each net over the cycles counted, summed over all elements, and whether the sums were the RTL's."""

    cycles: int
    elements: int
    toggles: Mapping[str, Mapping[Bit, int]]
    """By module, `array` or `element`."""
    compared: int
    """Words on sum_o compared with the RTL's."""
    wrong: int


class Gates:
    """The array, cycle by cycle."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self._array, self._element = modules["array"], modules["element"]
        self._mask = (1 << len(self._array.children)) - 1
        self._outer: State = defaultdict(int)
        self._inner: State = defaultdict(int)
        element = self._element
        pairs = [
            (name, bit, [child[name][place] for child in self._array.children])
            for name, bits in element.ports.items()
            for place, bit in enumerate(bits)
        ]
        self._down = [(bit, nets) for name, bit, nets in pairs if name in element.inputs]
        self._up = [(bit, nets) for name, bit, nets in pairs if name not in element.inputs]

    def run(self, cycles: Iterable[Mapping[str, str]]) -> Activity:
        """Play what stood at the ports in an RTL run; the first cycle sets the state and counts no toggle."""
        toggles: dict[str, dict[Bit, int]] = {"array": defaultdict(int), "element": defaultdict(int)}
        before: tuple[State, State] | None = None
        count = compared = wrong = 0
        for ports in cycles:
            self._settle(ports)
            if before is not None:
                count += 1
                for name, old, new in (("array", before[0], self._outer), ("element", before[1], self._inner)):
                    for bit, value in new.items():
                        if change := value ^ old.get(bit, 0):
                            toggles[name][bit] += change.bit_count()
            before = dict(self._outer), dict(self._inner)
            if "x" not in ports["i_array.sum_o"].lower():
                compared += 1
                wrong += ports["i_array.sum_o"] != "".join(
                    str(self._outer[bit]) for bit in reversed(self._array.ports["sum_o"])
                )
            self._clock(self._array, self._outer, 1)
            self._clock(self._element, self._inner, self._mask)
        return Activity(count, len(self._array.children), toggles, compared, wrong)

    def _settle(self, ports: Mapping[str, str]) -> None:
        outer, inner = self._outer, self._inner
        for name in PORTS[:-1]:
            for bit, value in zip(reversed(self._array.ports[name]), ports[f"i_array.{name}"], strict=True):
                outer[bit] = int(value == "1")
        for bit in self._array.ports["rst_ni"]:
            outer[bit] = 1
        self._element.settle(inner, self._mask)  # outputs of elements come from registers
        for bit, nets in self._up:
            word = inner[bit]
            for place, net in enumerate(nets):
                outer[net] = word >> place & 1
        self._array.settle(outer, 1)
        for bit, nets in self._down:
            inner[bit] = sum((net == "1" if isinstance(net, str) else outer[net]) << at for at, net in enumerate(nets))
        self._element.settle(inner, self._mask)

    @staticmethod
    def _clock(module: Module, values: State, mask: int) -> None:
        after = []
        for data, q, q_n, enable in module.registers:
            value = values[data] if not isinstance(data, str) else mask * (data == "1")
            if enable is not None and q is not None:
                value = value & values[enable] | values[q] & ~values[enable]
            after.append((q, q_n, value))
        for q, q_n, value in after:
            if q is not None:
                values[q] = value
            if q_n is not None:
                values[q_n] = ~value & mask
