"""Faults in what the merchant decides: mapping, templates and plugins edited, broken or gone while things are under way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qbconsole.bundled import bundled
from qbconsole.care.mapping_file import edit
from qbconsole.errors import PluginBroken
from qbconsole.rehearsal.simulate.faults.fault import Fault
from qbconsole.rehearsal.simulate.moments import Moment
from qbconsole.workspace import Workspace

if TYPE_CHECKING:
    from qbconsole.rehearsal.simulate.run import Simulation

_TEMPLATE = "sales_receipt_add.xml.j2"
_HOUSE = 'house = "Shopify {channel}"'


def _put_back(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _place(simulation: Simulation) -> tuple[str, int]:
    place = simulation.chance.choice(
        ("before pull", "before book", "before update", "quickbooks asked", "quickbooks done")
    )
    return place, simulation.chance.randint(1, 6 if place.startswith("q") else 3)


def _mapping(simulation: Simulation) -> Path:
    return simulation.program.root / "mappings.toml"


def _remapped(simulation: Simulation) -> None:
    """The mapping is edited while documents are on their way: the house customer gets another name."""

    def act(_moment: Moment) -> None:
        path = _mapping(simulation)
        text = path.read_text(encoding="utf-8")
        new = text.replace(_HOUSE, 'house = "Web {channel}"')
        if new != text:
            path.write_text(new, encoding="utf-8")
            simulation.strikes("F15", "the house customer is renamed in mappings.toml")

    place, nth = _place(simulation)
    simulation.moments.when(place, act, nth=nth)


def _saved(simulation: Simulation) -> None:
    """The same edit saved by our own editor, which puts it in force at once; what is unsent was decided before."""

    def act(_moment: Moment) -> None:
        path = _mapping(simulation)
        text = path.read_text(encoding="utf-8")
        new = text.replace(_HOUSE, 'house = "Web {channel}"')

        def command(workspace: Workspace) -> bool:
            saved = edit(workspace.means(), path, lambda one: one.replace_all(new), who="operator:simulated")
            return saved.changed

        if new != text and simulation.program.run("mapping set", command):
            simulation.strikes("F15", "the house customer is renamed by `mapping set`")

    place = simulation.chance.choice(("before update", "quickbooks asked"))
    simulation.moments.when(place, act, nth=simulation.chance.randint(1, 3))


def _half_saved(simulation: Simulation) -> None:
    """mappings.toml is half saved for a while."""

    def act(_moment: Moment) -> None:
        path = _mapping(simulation)
        text = path.read_text(encoding="utf-8")
        path.write_text(text[: len(text) // 2] + "\n[[[", encoding="utf-8")
        simulation.strikes("F16", "mappings.toml is half saved")
        simulation.repairs.append(partial(_put_back, path, text))

    place, nth = _place(simulation)
    simulation.moments.when(place, act, nth=nth)


def _plugin(simulation: Simulation, number: str, what: str, say: str) -> None:
    """Deciding ends as it does when a plugin fails: the supervisor of the child says so in place of a decision."""

    def act(_moment: Moment) -> None:
        simulation.strikes(number, say)
        raise PluginBroken(what, where="plugins/simulated.py:1", next="Mend it, then book again.")

    simulation.moments.when("decide", act, nth=simulation.chance.randint(1, 10))


def _raises(simulation: Simulation) -> None:
    """A plugin raises."""
    _plugin(simulation, "F17", "simulated raised ValueError in choose_item", "a plugin raises")


def _hangs(simulation: Simulation) -> None:
    """A plugin hangs, until its supervisor ends it."""
    simulation_clock = simulation.clock

    def act(_moment: Moment) -> None:
        simulation_clock.sleep(10)
        simulation.strikes("F18", "a plugin hangs and is ended")
        raise PluginBroken(
            "simulated took longer than 2 s", where="plugins/simulated.py:1", next="Mend it, then book again."
        )

    simulation.moments.when("decide", act, nth=simulation.chance.randint(1, 10))


def _garbage(simulation: Simulation) -> None:
    """A plugin answers with something that is no answer."""
    _plugin(simulation, "F19", "simulated gave NaN for an amount", "a plugin answers garbage")


def _template_edited(simulation: Simulation) -> None:
    """A template of the merchant's own appears while documents are on their way."""
    _write_template(
        simulation,
        "F20",
        lambda text: text.replace("<Desc>{{ line.desc }}", "<Desc>Sold: {{ line.desc }}"),
        stays=True,
    )


def _template_broken(simulation: Simulation) -> None:
    """A template of the merchant's own cannot be used, for a while."""
    _write_template(simulation, "F21", lambda text: text.replace("{% endfor %}", "", 1), stays=False)


def _write_template(simulation: Simulation, number: str, edit: Callable[[str], str], *, stays: bool) -> None:
    def act(_moment: Moment) -> None:
        path = simulation.program.root / "templates" / _TEMPLATE
        shipped = (bundled("templates") / _TEMPLATE).read_text(encoding="utf-8")
        path.parent.mkdir(exist_ok=True)
        path.write_text(edit(shipped), encoding="utf-8")
        simulation.strikes(number, f"templates/{_TEMPLATE} is {'edited' if stays else 'broken'}")
        if not stays:
            simulation.repairs.append(partial(path.unlink, missing_ok=True))

    place, nth = _place(simulation)
    simulation.moments.when(place, act, nth=nth)


def _disconnected(simulation: Simulation) -> None:
    """The merchant is taken out of the mapping for a while, and put back."""

    def act(_moment: Moment) -> None:
        path = _mapping(simulation)
        text = path.read_text(encoding="utf-8")
        start = text.find("[merchants.cedar-lane]")
        if start < 0:
            return
        end = text.find("[companies.", start)
        path.write_text(text[:start] + (text[end:] if end > 0 else ""), encoding="utf-8")
        simulation.repairs.append(partial(_put_back, path, text))
        simulation.strikes("F50", "cedar-lane is taken out of the mapping")

    place, nth = _place(simulation)
    simulation.moments.when(place, act, nth=nth)


FAULTS = (
    Fault(number="F15", what="the mapping is edited while documents are on their way", plan=_remapped),
    Fault(number="F15", what="the mapping is saved by our editor while documents are unsent", plan=_saved),
    Fault(number="F16", what="mappings.toml is half saved", plan=_half_saved),
    Fault(number="F17", what="a plugin raises", plan=_raises),
    Fault(number="F18", what="a plugin hangs", plan=_hangs),
    Fault(number="F19", what="a plugin answers garbage", plan=_garbage),
    Fault(number="F20", what="a template is edited while documents are on their way", plan=_template_edited),
    Fault(number="F21", what="a template is broken", plan=_template_broken),
    Fault(number="F50", what="a merchant is taken out and put back", plan=_disconnected),
)
