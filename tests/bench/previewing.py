"""How long a what-if takes over 10,000 stored orders: wall time, as `mapping preview` and the console's live effect run it.

The sandbox's shop is pulled and booked once; then one change after the other is previewed over all of it. Nothing is
asserted. Run it as `previewing.py [--orders N] [--rounds N]`.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from trip import SHOP, Trip

from qbconsole.care.candidate import Asked, candidate
from qbconsole.sandbox.shopify import Shop
from qbconsole.sync.preview import Effect, Past, preview
from qbconsole.sync.preview.past import MOST

ME = "merchants.oak-ember"
#: Word for the reader -> the edit that is tried.
CHANGES: dict[str, tuple[tuple[str, str], ...]] = {
    "a rule that nothing meets": (
        (f"{ME}.rules[0].when.sku", "NOBODY-SELLS-THIS"),
        (f"{ME}.rules[0].account", "Other Income:Nothing"),
    ),
    "a rule by tag that few meet": (
        (f"{ME}.rules[0].when.tag", "gift"),
        (f"{ME}.rules[0].class", "Gifts"),
    ),
    "an account, everything changes": ((f"{ME}.accounts.sales_income", "Sales:Other"),),
    "shipping as an item, most change": ((f"{ME}.items.shipping_income", "Postage"),),
    "a policy, everything drawn anew": ((f"{ME}.policy.recognise_on", "fulfillment"),),
}


def main() -> None:
    """Print one row a change: seconds, and what came of it."""
    asked = _asked()
    with tempfile.TemporaryDirectory() as folder:
        trip = _booked(Path(folder), asked.orders)
        sys.stdout.write(
            f"\nWhat-if over {asked.orders} stored orders, wall time, {os.cpu_count()} processors:\n"
        )
        sys.stdout.write(f"{'change':34} {'seconds':>8} {'CPU':>6} {'load':>5}  replayed  change   stay\n")
        for name, pairs in CHANGES.items():
            _row(trip, name, pairs, asked.rounds)
        trip.close()
        few = _booked(_folder(folder), MOST // 2)
        past = Past()
        sys.stdout.write(f"over {MOST // 2} orders, as the console asks:\n")
        _row(few, "an account, first key", CHANGES["an account, everything changes"], 1, past)
        _row(few, "the next key", ((f"{ME}.accounts.sales_income", "Sales:Third"),), asked.rounds, past)
        few.close()


def _folder(folder: str) -> Path:
    """A place for a second workspace."""
    made = Path(folder, "few")
    made.mkdir()
    return made


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _booked(root: Path, orders: int) -> Trip:
    """A workspace whose shop is pulled and booked."""
    trip = Trip(root)
    trip.pull({"orders": Shop.seeded(domain=str(SHOP["myshopifyDomain"]), seed=9, orders=orders).orders})
    trip.book()
    return trip


def _row(
    trip: Trip, name: str, pairs: tuple[tuple[str, str], ...], rounds: int, past: Past | None = None
) -> None:
    taken = [_timed(trip, pairs, past) for _ in range(rounds)]
    effect = taken[-1][2]
    seconds, cpu = median(one for one, _, _ in taken), median(one for _, one, _ in taken)
    sys.stdout.write(
        f"{name:34} {seconds:8.2f} {cpu:6.2f} {os.getloadavg()[0]:5.1f}"
        f"  {effect.replayed:8} {len(effect.changed):7} {effect.unchanged:6}\n"
    )
    sys.stdout.flush()


def _timed(trip: Trip, pairs: tuple[tuple[str, str], ...], past: Past | None) -> tuple[float, float, Effect]:
    start, cpu = time.perf_counter(), _cpu()
    means = trip.workspace.means()
    with candidate(means, Asked(pairs=pairs)) as other:
        effect = preview(means, other, since=None, past=past)
    return time.perf_counter() - start, _cpu() - cpu, effect


def _cpu() -> float:
    """Seconds of this process and of its helpers that ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


if __name__ == "__main__":
    main()
