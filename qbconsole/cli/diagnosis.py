"""How `doctor` walks through an installation: as far as what is broken allows."""

from __future__ import annotations

from qbconsole.bundled import bundled
from qbconsole.care.doctor import Check, Health, check_ground, check_house, keys_gone
from qbconsole.care.shops import check_shops
from qbconsole.cli.given import Given
from qbconsole.errors import QbconsoleError
from qbconsole.workspace import short_of_room


def checks(given: Given, port: int) -> list[Check]:
    """Every check that can be made; one that stops the others says so."""
    found: list[Check] = []
    with given.opened() as workspace:
        short = short_of_room(workspace.root)
        found += check_ground(workspace.root, workspace.mapping_fault(), short=short)
        try:
            means = workspace.means()
            found += check_house(means, shipped_templates(), port=port, now=workspace.clock())
            if (workspace.root / ".qbconsole" / "keys").exists():
                found += check_shops(means, workspace.keys, workspace.clock())
            elif gone := keys_gone(means):
                found = [gone if one.name == gone.name else one for one in found]
        except QbconsoleError as error:
            if not any(one.health is Health.FAILED for one in found):
                found.append(
                    Check(name=error.code, health=Health.FAILED, sentence=str(error), next_step=error.next)
                )
    return found


def shipped_templates() -> dict[str, str]:
    """The templates of this installation, by their path."""
    folder = bundled("templates")
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.j2")
    }
