"""Do Accelergy's tables go out and come back, and override what they name?"""

import pytest

from hw_models import Hardware
from hw_models.energy import area, prices_of
from hw_models.energy.accelergy import write_tables

EDGE = Hardware.load("edge16")


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "tables.yaml"
        path.write_text(text)
        return EDGE.with_(**{"energy.accelergy": str(path)})

    return write


def test_what_is_written_is_read_back(tmp_path):
    path = write_tables(EDGE, prices_of(EDGE), area(EDGE), tmp_path / "tables.yaml")
    machine = EDGE.with_(**{"energy.accelergy": str(path)})
    ours, theirs = prices_of(EDGE), prices_of(machine)
    assert theirs.mac_pj == ours.mac_pj
    assert theirs.sram_write_byte_pj == ours.sram_write_byte_pj
    assert theirs.dram_read_byte_pj == ours.dram_read_byte_pj
    assert area(machine).total_mm2 == pytest.approx(area(EDGE).total_mm2)
    assert "tables.yaml" in theirs.source


def test_an_ert_as_accelergy_writes_it(file):
    """Ranges in names, empty arguments; 64 bits of the weight buffer cost 12 pJ, so a byte 1.5."""
    machine = file("""
ERT:
  version: '0.4'
  tables:
  - name: system.chip.pe[0..255]
    actions:
    - {name: mac, arguments: {}, energy: 1.25}
  - name: system.chip.weight_buffer
    actions:
    - {name: read, arguments: {}, energy: 12}
ART:
  version: '0.4'
  tables:
  - {name: system.chip.sram, area: 2000000}
""")
    prices = prices_of(machine)
    assert set(prices.mac_pj.values()) == {1.25}
    assert prices.sram_read_byte_pj["weight"] == 1.5
    assert prices.sram_read_byte_pj["output"] == prices_of(EDGE).sram_read_byte_pj["output"]
    assert area(machine).sram_mm2 == 2.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ERT: {version: '0.3', tables: []}", "version 0.4"),
        ("ERT: {version: '0.4', tables: 3}", "a list of components"),
        ("ERT: {version: '0.4', tables: [{name: a.pe, actions: [{name: mac, energy: -1}]}]}", "0 pJ or more"),
        ("ERT: {version: '0.4', tables: [{name: a.pe, actions: [{name: mac, energy: .nan}]}]}", "0 pJ or more"),
        ("ERT: {version: '0.4', tables: [{name: a.noc, actions: [{name: hop, energy: 1}]}]}", "noc hop is not one of"),
        ("compound: {}", "neither an ERT nor an ART"),
        ("ERT: [", "tables.yaml"),
    ],
)
def test_what_is_no_table_is_refused(file, text, message):
    with pytest.raises(ValueError, match=message):
        prices_of(file(text))
