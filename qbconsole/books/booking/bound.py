"""Documents bound to one another: a payment to its invoice, a bill to its purchase order, a memo to what uses it up.

What is bound has to agree on customer and account in QuickBooks. So where one of them may be there already, the names
of the others stand too, whatever the mapping says by now; what is drawn up later takes them over (`naming.following`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from qbconsole.books.plan import Plan


def free(plans: Sequence[Plan], open_keys: Collection[str]) -> tuple[str, ...]:
    """Keys of the open documents that are bound to nothing but open ones, in their order.

    `plans` are all documents of one source, `open_keys` those of them of which nothing is in QuickBooks or on its way.
    What follows up pennies of tax never is: it repeats the names of a document that was sent.
    """
    fixed = {plan.key for plan in plans if plan.key not in open_keys or plan.corrects}
    pairs = [(plan.key, other) for plan in plans for other in bound_to(plan)]
    known = {plan.key for plan in plans}
    fixed |= {other for _, other in pairs if other not in known}
    while more := {end for pair in pairs for end in pair if fixed.intersection(pair)} - fixed:
        fixed |= more
    return tuple(plan.key for plan in plans if plan.key not in fixed)


def bound_to(plan: Plan) -> Iterator[str]:
    """Keys of the documents that a plan names: what it settles, the credits it uses, the order it fills."""
    for one in plan.applied:
        yield one.document_key
        if one.credit_key:
            yield one.credit_key
    if plan.fills:
        yield plan.fills
