"""Enrolling: the companies and merchants of the mapping, known to the store with their stable GUIDs.

Owner and file GUIDs are made once: QuickBooks stamps them into the company file and refuses a changed pair.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from qbconsole.rules.mapping.values import Merchant
from qbconsole.store import holds, journal, parties
from qbconsole.store.database import Store
from qbconsole.store.requests.current import note_left
from qbconsole.store.secrets import Keys, get_secret, put_secret
from qbconsole.sync.means import Means
from qbconsole.webconnector.passwords import generate, hash_password

#: The name under which the hash of a company's Web Connector password is kept.
PASSWORD = "qbwc_password"  # noqa: S105 - a name, no password
#: One for the application, the same in every installation (protocol notes, section 4).
OWNER_ID = f"{{{uuid.uuid5(uuid.NAMESPACE_URL, 'qbconsole')}}}"


def enrol(means: Means) -> None:
    """Make every company and merchant of the mapping known; what is known stays as it is."""
    with means.store.atomic() as tx:
        for company in means.mapping.companies:
            enrol_company(means, tx, company)
        for merchant in means.mapping.merchants.values():
            enrol_merchant(means, tx, merchant)


def enrol_company(means: Means, tx: sa.Connection, company_id: str) -> None:
    """One company, with its GUIDs."""
    entry = means.mapping.companies[company_id]
    parties.put_company(tx, entry.id, name=entry.name, file=entry.file, at=means.clock())
    row = parties.company(tx, entry.id)
    if row is not None and not row.file_id:
        parties.update_company(tx, entry.id, owner_id=OWNER_ID, file_id=f"{{{uuid.uuid4()}}}")


def enrol_merchant(means: Means, tx: sa.Connection, merchant: Merchant) -> None:
    """One merchant and its company. Where it posts into another one than before, what waits of it goes along."""
    enrol_company(means, tx, merchant.company)
    known, at = parties.merchant(tx, merchant.id), means.clock()
    parties.put_merchant(tx, merchant.id, company=merchant.company, domain=merchant.shop, at=at)
    if known is not None and known.company != merchant.company:
        holds.go_along(tx, merchant.id, known.company, merchant.company, at)
        note_left(tx, known.company, merchant.id, at)


def give_password(
    store: Store,
    keys: Keys,
    company_id: str,
    at: datetime,
    *,
    hashed: Callable[[str], str] = hash_password,
) -> str:
    """Make a Web Connector password for a company; it is given in clear this once, kept as a hash.

    `hashed`: a rehearsal, which nobody attacks, may hash at a lower price.
    """
    password = generate()
    with store.atomic() as tx:
        put_secret(tx, keys, company_id, PASSWORD, hashed(password), at)
        journal.record(tx, "operator", "password", company_id, {}, at)
    return password


def has_password(store: Store, keys: Keys, company_id: str) -> bool:
    """Whether a Web Connector password was made."""
    with store.reading() as tx:
        return get_secret(tx, keys, company_id, PASSWORD) is not None
