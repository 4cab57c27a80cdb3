"""`plugins trust`: a version of a plugin put in force on the operator's word, though its tests do not pass."""

from __future__ import annotations

from qbconsole.errors import PluginBroken, UsageError
from qbconsole.host.look import look
from qbconsole.rules.nearest import nearest
from qbconsole.rules.registry import plugin_files
from qbconsole.store import journal
from qbconsole.sync.means import Means
from qbconsole.sync.plugins.force import mark_of, taken
from qbconsole.sync.plugins.shelf import InForce


def trust(means: Means, name: str, *, who: str, why: str = "") -> InForce:
    """Put the file as it stands in force, journalled with its sha256; it decides from the next `book` on.

    Tests and golden orders are not asked. Raises UsageError for an unknown name and PluginBroken where it does
    not load, or where others may write it: no word makes up for that.
    """
    files = plugin_files(means.own_plugin_folders)
    if name not in files:
        raise UsageError(
            f"there is no plugin file {name!r}{nearest(name, files)}",
            next="Files in the workspace's plugins folder can be trusted; installed ones are by installing them.",
        )
    path = files[name]
    try:
        source = path.read_bytes()
        mark = mark_of(name, path, source)
    except OSError as cause:
        raise PluginBroken(f"plugin {name} cannot be read: {cause.strerror}", where=str(path)) from cause
    looked = look(name, [str(path.parent)])
    if looked.trouble is not None:
        raise looked.trouble
    now = taken(means, name, source, mark, looked, f"trusted by {who}")
    with means.store.atomic() as tx:
        told = {"sha256": now.sha256, "why": why}
        journal.record(tx, who, "plugin trusted", f"plugins/{path.name}", told, means.clock())
    return now
