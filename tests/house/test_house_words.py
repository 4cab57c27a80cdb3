"""Words: one word, one meaning. The bare word "transaction" names nothing here, and no module is called utils."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import PurePosixPath

from house_reading import Module, listing, package_modules

# A word of its own, also as one part of snake_case. orderTransactions and TransactionQuery are fields of
# Shopify and QuickBooks; so are `transactions` in quotes of their own and Order.transactions with its owner.
BARE = re.compile(r"(?<![A-Za-z])(?<![A-Za-z]\.)transactions?(?![A-Za-z])", re.IGNORECASE)
QUOTED = re.compile(r"""(`+|["'])transactions?\1""", re.IGNORECASE)
#: Names of libraries, of Shopify's scopes and topics, qbXML's TransactionQuery in snake_case, and the sentence that
#: defines the word.
FOREIGN = re.compile(
    r"\b(begin_transaction|in_transaction|in_nested_transaction|transaction_per_migration|default_transaction_read_only"
    r"|transaction_query(_r[qs])?|calls a transaction"
    r"|read_gift_card_transactions|read_store_credit_account_transactions"
    r"|(order|tender)_transactions/create|ORDER_TRANSACTIONS_CREATE)\b"
)
#: Where QuickBooks itself speaks: what is said in single-line strings there is its own wording.
QUICKBOOKS_SPEAKS = "qbconsole/sandbox/quickbooks/"
#: Files that may use the word, with the reason.
ALLOWED: dict[str, str] = {}
VAGUE = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "stuff", "base"}


KINDS = {
    tokenize.NAME,
    tokenize.STRING,
    tokenize.COMMENT,
    getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING),
}


def bare_words(text: str, *, speech: bool = True) -> list[int]:
    """The lines on which the word stands bare, in code, comments, docstrings and (`speech`) other strings."""
    lines = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        spoken = token.type not in (tokenize.NAME, tokenize.COMMENT) and not token.string.startswith('"""')
        if token.type in KINDS and (speech or not spoken):
            for offset, line in enumerate(token.string.splitlines()):
                if BARE.search(FOREIGN.sub("", QUOTED.sub("", line))):
                    lines.append(token.start[0] + offset)
    return lines


def _offences(module: Module) -> list[str]:
    if "ransaction" not in module.text or module.name in ALLOWED:
        return []
    speech = not module.name.startswith(QUICKBOOKS_SPEAKS)
    return [f"{module.name}:{line}" for line in bare_words(module.text, speech=speech)]


def test_the_bare_word_transaction_is_not_used():
    rows = [row for module in package_modules() for row in _offences(module)]
    assert not rows, listing(
        rows,
        "Say order, tender, document or balance entry; in the database say atomic. A field of Shopify's stands in quotes.",
    )


def test_files_allowed_the_word_still_use_it():
    known = {module.name: module for module in package_modules()}
    rows = [name for name in ALLOWED if name not in known or not bare_words(known[name].text)]
    assert not rows, listing(rows, "Take it out of ALLOWED.")


def test_the_rule_knows_a_field_from_a_word():
    fine = 'x = node["transactions"]\norderTransaction = 1\n# Order.transactions, TransactionQueryRq, `transactions`\n'
    assert bare_words(fine) == []
    assert bare_words('raise Refused("This transaction is linked")\n', speech=False) == []
    assert bare_words("transaction_id = 1\n'''the\n transaction'''\n# Transactions of a day\n") == [1, 3, 4]


def test_no_module_has_a_name_that_says_nothing():
    rows = [
        module.name
        for module in package_modules()
        for part in PurePosixPath(module.name).with_suffix("").parts
        if VAGUE & set(part.split("_"))
    ]
    assert not rows, listing(rows, "Name it for what it does; if that needs an `and`, it is two modules.")
