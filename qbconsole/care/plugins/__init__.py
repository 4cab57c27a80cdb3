"""What is done about merchants' plugins: listed, begun, tried, trusted."""

from __future__ import annotations

from qbconsole.care.plugins.begin import begin_plugin
from qbconsole.care.plugins.found import PluginFound, State, plugins_found
from qbconsole.care.plugins.trust import trust

__all__ = ["PluginFound", "State", "begin_plugin", "plugins_found", "trust"]
