"""Is the optional back-end asked in its units, and its absence told? A stand-in takes the place of the library."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from hw_models import Hardware
from hw_models.energy import area, library, prices_of

MACHINE = Hardware.load("gemmini16").with_(**{"energy.table": "hwcomponents"})


def cost(energy_j):
    return lambda: SimpleNamespace(energy=energy_j)


def part(**actions):
    """A component of the library: actions that cost energy, an area and a leakage in SI units."""
    made = {name: cost(energy) for name, energy in actions.items()}
    return lambda **_: SimpleNamespace(**made, area=1e-9, leak_power=1e-6)


@pytest.fixture
def installed(monkeypatch):
    cacti, aladdin = ModuleType("hwcomponents_cacti"), ModuleType("hwcomponents_library.library.aladdin")
    cacti.SRAM = part(read=16e-12, write=32e-12)
    aladdin.AladdinMultiplier = part(multiply=2e-12)
    aladdin.AladdinAdder = part(add=1e-12)
    aladdin.AladdinRegister = part(read=3.2e-12, write=3.2e-12)
    for module in (cacti, aladdin):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    caches = (library._sram, library._arithmetic, prices_of)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def test_units_and_widths(installed):
    """A MAC of 2 + 1 pJ; 128 bits for 16 pJ are 1 pJ a byte; 32 bits of a register for 3.2 pJ are 0.1 a bit."""
    prices = prices_of(MACHINE)
    assert prices.mac_pj == {("int8", "int8"): pytest.approx(3.0)}
    assert prices.sram_read_byte_pj["weight"] == pytest.approx(1.0)
    assert prices.sram_write_byte_pj["output"] == pytest.approx(2.0)
    assert prices.register_bit_pj == pytest.approx(0.1)
    assert prices.leakage_mw == pytest.approx(1e-3 * (2 * 256 + 6))  # multiplier and adder each, 2 banks of 3 buffers
    assert "hwcomponents at 22 nm" in prices.source


def test_area_in_square_millimetres(installed):
    """1e-9 m2 is 0.001 mm2: 256 elements of a multiplier, an adder and two registers; 6 banks."""
    assert area(MACHINE).array_mm2 == pytest.approx(256 * 4 * 1e-3)
    assert area(MACHINE).sram_mm2 == pytest.approx(6e-3)


def test_without_the_library_one_sentence_says_how_to_get_it(monkeypatch):
    library._sram.cache_clear()
    prices_of.cache_clear()
    monkeypatch.setitem(sys.modules, "hwcomponents_cacti", None)
    with pytest.raises(ValueError, match=r"codesign\[hwcomponents\]"):
        prices_of(MACHINE)
