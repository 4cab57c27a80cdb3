"""On a full disk: what can be read is looked at all the same."""

from __future__ import annotations

import os
import resource

import pytest
from trip import Trip

from qbconsole.care.doctor import Health
from qbconsole.cli.diagnosis import checks
from qbconsole.cli.given import Given


@pytest.fixture
def root(tmp_path):
    trip = Trip(tmp_path)
    trip.book()
    trip.close()
    return tmp_path


def test_doctor_looks_over_a_database_that_cannot_be_written(root):
    child = os.fork()
    if child == 0:
        os._exit(_without_room(root))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _without_room(root) -> int:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qbconsole.workspace.ROOM_BYTES", 2**60)
        found = {one.name: one.health for one in checks(Given(root=root), port=1)}
    well = (found.get("disk"), found.get("database"), found.get("journal"))
    return 0 if well == (Health.FAILED, Health.OK, Health.OK) else 1
