"""Time against a pull: clocks that jump, days of 23 and 25 hours, orders that a pull missed; none twice, none lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from sources.shopify_over_asgi import OverAsgi, client_of

from qbconsole.bundled import bundled
from qbconsole.sandbox.shopify import Shop, app
from qbconsole.sources.shopify.reading import read_shop
from qbconsole.store import snapshots
from qbconsole.store.books import reading
from qbconsole.sync.book import book
from qbconsole.sync.pull import pull_shop
from qbconsole.sync.pull.counting import CURSOR, made_on
from qbconsole.workspace import Workspace

AFTER = datetime(2026, 1, 16, 12, tzinfo=UTC)


class Dated(OverAsgi):
    """A shop that tells the true time with each answer, as every web server does."""

    def __init__(self, asgi, now):
        super().__init__(asgi)
        self.now = now

    def handle_request(self, request):
        found = super().handle_request(request)
        date = {"Date": format_datetime(self.now(), usegmt=True)}
        return httpx.Response(found.status_code, headers={**found.headers, **date}, content=found.content)


class House:
    def __init__(self, root, **shop):
        (root / "mappings.toml").write_text(bundled("mappings.toml").read_text("utf-8"), encoding="utf-8")
        self.now = AFTER
        #: How wrong our own clock is.
        self.skew = timedelta()
        self.workspace = Workspace.open(root, environ={})
        self.workspace.clock = lambda: self.now + self.skew
        self.shop = Shop.seeded(**{"orders": 20, "days": 10} | shop)
        self.road = Dated(app([self.shop], clock=lambda: 1000.0), lambda: self.now)
        self.means = self.workspace.means()

    def pull(self, **how):
        with client_of(self.shop, transport=self.road) as client:
            return pull_shop(self.means, self.means.merchant("oak-ember"), client, **how)

    def kept(self):
        with self.workspace.store.reading() as tx:
            rows = snapshots.latest_of(tx, "oak-ember", "order", limit=5000)
        return {row.source_id: row for row in rows}

    def documents(self):
        book(self.means, self.means.merchants())
        with self.workspace.store.reading() as tx:
            return {row.key: row.txn_date for row in reading.documents(tx, merchant="oak-ember", limit=5000)}

    def lose(self, *orders):
        """As if a pull had missed them."""
        with self.workspace.store.atomic() as tx:
            for order in orders:
                number = order["id"].rpartition("/")[2]
                for table in ("snapshot_heads", "snapshots"):
                    tx.exec_driver_sql(f"DELETE FROM {table} WHERE source_id = '{number}'")


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.workspace.close()


@pytest.mark.parametrize("jump", [timedelta(minutes=15), timedelta(days=40)])
def test_a_cursor_that_stands_in_the_future_is_not_believed(house, jump):
    house.pull()
    house.now += timedelta(hours=3)
    house.skew, told = jump, house.road.now
    house.road.now = lambda: house.now + house.skew  # Shopify's own clock is as wrong, or tells nothing
    house.pull()
    house.skew, house.road.now = timedelta(), told
    house.now += timedelta(minutes=3)
    house.shop.annotate("#1003", "meanwhile", at=house.now - timedelta(minutes=2, seconds=30))
    pulled = house.pull()
    assert pulled.changed == 1
    assert any("in the future" in one for one in pulled.warnings)
    house.now += timedelta(hours=1)
    house.shop.annotate("#1004", "later", at=house.now - timedelta(minutes=30))
    pulled = house.pull()
    assert (pulled.changed, pulled.warnings) == (1, ())


@pytest.mark.parametrize("jump", [timedelta(hours=2), timedelta(days=40), timedelta(hours=-2)])
def test_a_clock_that_jumped_and_came_back_loses_no_change(house, jump):
    house.pull()
    house.now += timedelta(hours=3)
    house.skew = jump
    house.pull()
    # Between the two pulls, before our clock is right again.
    house.shop.annotate("#1003", "meanwhile", at=house.now + timedelta(minutes=20))
    house.now += timedelta(minutes=50)
    house.skew = timedelta()
    house.pull()
    order = house.shop.order("#1003")["id"].rpartition("/")[2]
    assert b"meanwhile" in house.kept()[order].raw


def test_what_a_pull_missed_is_found_by_the_daily_count_and_fetched_once(house):
    house.pull()
    lost = [one for one in house.shop.orders if one["createdAt"] >= "2026-01-11T08"][:2]
    house.lose(*lost)
    house.now += timedelta(hours=1)
    assert house.pull().new == 0
    house.now += timedelta(days=1)
    with house.workspace.store.atomic() as tx:
        snapshots.set_cursor(tx, "oak-ember", CURSOR, "", house.now)
    told = house.pull()
    assert any("were missing here and have been fetched" in one for one in told.warnings)
    assert len(house.kept()) == 20
    house.now += timedelta(days=1)
    again = house.pull()
    assert (again.new, again.warnings) == (0, ())


def test_a_day_whose_number_changed_is_listed_again_and_the_others_are_only_counted(house):
    house.pull()
    before = len(house.road.requests)
    new = house.shop.advance(days=1, orders=3)
    house.now += timedelta(days=1)
    house.pull()
    zone = ZoneInfo("America/Los_Angeles")
    days = {datetime.fromisoformat(order["createdAt"]).astimezone(zone).date() for order in new}
    asked = [request.content for request in house.road.requests[before:]]
    assert sum(b"OrdersCounts" in one for one in asked) == 1
    listed = [one for one in asked if b"OrderIndex" in one and b"created_at" in one]
    assert len(listed) == len(days)


@pytest.mark.parametrize(
    ("zone", "day", "first", "behind"),
    [
        ("America/Los_Angeles", date(2026, 3, 8), "2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z"),
        ("America/Los_Angeles", date(2026, 11, 1), "2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"),
        ("Europe/London", date(2026, 3, 29), "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"),
        ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"),
        ("America/Santiago", date(2026, 9, 6), "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"),
    ],
)
def test_a_shop_day_is_as_long_as_its_zone_makes_it(zone, day, first, behind):
    shop = read_shop(Shop.seeded(orders=0, timezone=zone).about())
    assert made_on(shop, day) == f"created_at:>='{first}' AND created_at:<'{behind}'"


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("America/Los_Angeles", date(2026, 3, 5)),
        ("America/Los_Angeles", date(2026, 10, 29)),
        ("Europe/Berlin", date(2026, 3, 26)),
        ("Europe/Berlin", date(2026, 10, 22)),
    ],
)
def test_over_the_days_on_which_clocks_change_each_order_is_there_once_on_its_shop_day(tmp_path, zone, start):
    house = House(tmp_path, timezone=zone, start=start, orders=30, days=6)
    with house.workspace:
        house.now = datetime.combine(start, datetime.min.time(), UTC) + timedelta(hours=1)
        for _ in range(14):  # eleven hours at a time: over each midnight and each change of clocks
            house.now += timedelta(hours=11)
            later = house.now.strftime("%Y-%m-%dT%H:%M:%SZ")
            everything = house.shop.orders
            house.shop.orders = [one for one in everything if one["updatedAt"] < later]
            assert not any("missing here" in one for one in house.pull().warnings)
            house.shop.orders = everything
        house.now += timedelta(days=9)
        house.pull()
        assert len(house.kept()) == 30
        first = house.documents()
        assert house.documents() == first


def test_the_day_of_what_is_booked_stays_when_the_shop_moves_to_another_zone(house):
    house.pull()
    first = house.documents()
    house.now += timedelta(hours=1)
    house.shop.world.zone = type(house.shop.world.zone)("Asia/Tokyo")
    house.pull()
    with house.workspace.store.atomic() as tx:
        snapshots.want_booking(tx, "oak-ember", "order")
    assert house.documents() == first
