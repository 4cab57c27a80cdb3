"""Deciding stops without any plugin's doing: here, because it finds no desk."""

import pytest

from qbconsole.host.supervisor import PluginHost

WORK = """from dataclasses import dataclass

class Decision:
    pass

@dataclass(frozen=True, slots=True)
class Spec:
    plugin_folders = ("plugins",)

def desk_of(spec):
    return {}["desk"]
"""


def provoke(place):
    (place / "lost_desk.py").write_text(WORK, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(place)
        patch.setenv("PYTHONPATH", str(place))
        import lost_desk

        with PluginHost(lost_desk.Spec(), work="lost_desk") as host:
            list(host.decide_all([None]))
