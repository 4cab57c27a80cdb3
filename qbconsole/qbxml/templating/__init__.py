"""Templates at work: the language they may use, the sandbox that runs them, what they see of an order.

A template lays out one request; it computes nothing and reaches nothing. docs/templates.md is its manual.
"""

from __future__ import annotations

from qbconsole.qbxml.templating.compiling import Sandbox
from qbconsole.qbxml.templating.facts import Facts, facts_of
from qbconsole.qbxml.templating.guarded import GuardedSandbox
from qbconsole.qbxml.templating.heads import TEMPLATE_API

__all__ = ["TEMPLATE_API", "Facts", "GuardedSandbox", "Sandbox", "facts_of"]
