"""A plugin with a slip: the hook's name is written wrongly."""

from qbconsole.rules.registry import load_plugins

PLUGIN = """from qbconsole.plugin import hookimpl

@hookimpl
def chose_item(line):
    return "MUG"
"""


def provoke(place):
    folder = place / "plugins"
    folder.mkdir()
    path = folder / "oak_ember.py"
    path.write_text(PLUGIN.replace("qbconsole.plugin", "qbconsole.rules.hookspecs"))
    path.chmod(0o644)
    load_plugins(["oak_ember"], [folder])
