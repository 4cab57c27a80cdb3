"""A simulated QuickBooks Desktop: a company file and the program that answers qbXML over it.

Knows QuickBooks' rules by itself and builds its double-entry ledger from qbXML alone.
"""

from qbconsole.sandbox.quickbooks.file.companyfile import CompanyFile
from qbconsole.sandbox.quickbooks.file.filed import Filed, FiledLine
from qbconsole.sandbox.quickbooks.file.storage import NotACompanyFile
from qbconsole.sandbox.quickbooks.program import Answer, QuickBooks, Unreachable

__all__ = ["Answer", "CompanyFile", "Filed", "FiledLine", "NotACompanyFile", "QuickBooks", "Unreachable"]
