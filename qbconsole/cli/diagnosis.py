"""How `doctor` walks through an installation: as far as what is broken allows."""

from __future__ import annotations

from dataclasses import replace

from qbconsole.bundled import bundled
from qbconsole.care.doctor import Check, Health, check_ground, check_house, keys_gone
from qbconsole.care.shops import check_shops
from qbconsole.cli.given import Given
from qbconsole.errors import QbconsoleError, StoreBroken
from qbconsole.workspace import Workspace, short_of_room


def checks(given: Given, port: int) -> list[Check]:
    """Every check that can be made; one that stops the others says so.

    Where nothing can be written, as on a full disk, what can be read is looked at all the same.
    """
    found: list[Check] = []
    with given.opened() as workspace:
        short = short_of_room(workspace.root)
        found += check_ground(workspace.root, workspace.mapping_fault(), short=short)
        ground = list(found)
        try:
            return _with_house(found, workspace, port)
        except StoreBroken as error:
            if given.readonly or not _failed(ground):
                return _told(found, error)
        except QbconsoleError as error:
            return _told(found, error)
    with replace(given, readonly=True).opened() as workspace:
        try:
            return _with_house(ground, workspace, port)
        except QbconsoleError as error:
            return _told(ground, error)


def _with_house(found: list[Check], workspace: Workspace, port: int) -> list[Check]:
    """The same with what needs the database. Raises QbconsoleError; what was looked at before that is in `found`."""
    means = workspace.means()
    found += check_house(means, shipped_templates(), port=port, now=workspace.clock())
    if (workspace.root / ".qbconsole" / "keys").exists():
        found += check_shops(means, workspace.keys, workspace.clock())
        return found
    gone = keys_gone(means)
    return [gone if gone is not None and one.name == gone.name else one for one in found]


def _failed(found: list[Check]) -> bool:
    return any(one.health is Health.FAILED for one in found)


def _told(found: list[Check], error: QbconsoleError) -> list[Check]:
    """What stopped the others, unless a check has said it already."""
    if _failed(found):
        return found
    return [*found, Check(name=error.code, health=Health.FAILED, sentence=str(error), next_step=error.next)]


def shipped_templates() -> dict[str, str]:
    """The templates of this installation, by their path."""
    folder = bundled("templates")
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.j2")
    }
