"""A shop day in summary: however its orders arrive, and whatever of it was sent meanwhile, it posts the same."""

from __future__ import annotations

from collections import Counter

from desks import SUMMARY, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_orders import lives
from test_properties_orders import by_role, order_of, plans_of

from qbconsole.books.policy import Policy
from qbconsole.decide import Case, DayCase, decide

ROUNDS = settings(max_examples=25, deadline=None, derandomize=True)


@ROUNDS
@given(st.lists(lives(currencies=("USD",)), min_size=1, max_size=4), st.data())
def test_any_split_of_a_day_into_pulls_posts_the_same(some, data):
    journals = desk(modes=SUMMARY, policy=Policy(cogs="off"))
    orders = [order_of(life, number) for number, life in enumerate(some, 1)]
    entries = [entry for order in orders for entry in decide(Case(order=order), journals).pooled]
    for pool in {entry.pool for entry in entries}:
        mine = [entry for entry in entries if entry.pool == pool]
        once = plans_of(decide(DayCase(pool=pool, shop=orders[0].shop, entries=tuple(mine)), journals))
        parts: dict = {}
        sent: set[str] = set()
        while mine:
            count = data.draw(st.integers(1, len(mine)), label="entries of this pull")
            given_now, mine = tuple(mine[:count]), mine[count:]
            case = DayCase(
                pool=pool,
                shop=orders[0].shop,
                booked=tuple(parts.values()),
                open_parts=frozenset(parts.keys() - sent),
                entries=given_now,
            )
            parts |= {plan.key: plan for plan in plans_of(decide(case, journals))}
            if data.draw(st.booleans(), label="a session takes what is there"):
                sent = set(parts)
        assert by_role(parts.values()) == by_role(once)
        members = Counter(member.event_key for plan in parts.values() for member in plan.members)
        assert members == Counter(member.event_key for plan in once for member in plan.members)
        assert set(members.values()) == {1}
