"""Templates as an operator looks at them: what lies on disk, and whether it writes what it should."""

from qbconsole.care.templates.found import TemplateFound, templates_found

__all__ = ["TemplateFound", "templates_found"]
