"""Templates as an operator looks at them: what lies on disk, and whether it writes what it should."""

from qbconsole.care.templates.checking import (
    TemplateChecked,
    TemplateFault,
    check_examples,
    check_templates,
)
from qbconsole.care.templates.found import TemplateFound, templates_found

__all__ = [
    "TemplateChecked",
    "TemplateFault",
    "TemplateFound",
    "check_examples",
    "check_templates",
    "templates_found",
]
