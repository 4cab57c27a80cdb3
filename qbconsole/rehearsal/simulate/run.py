"""One seed: a small world lives for some days while faults strike; then it is quiet, and everything has to finish."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qbconsole import failpoints
from qbconsole.rehearsal.simulate import setting as settings
from qbconsole.rehearsal.simulate.clock import Clock, Line, Log
from qbconsole.rehearsal.simulate.ends.deciding import deciding
from qbconsole.rehearsal.simulate.ends.pc import Pc, new_pc
from qbconsole.rehearsal.simulate.ends.program import Program
from qbconsole.rehearsal.simulate.ends.shops import ShopEnd
from qbconsole.rehearsal.simulate.moments import Moment, Moments
from qbconsole.rehearsal.simulate.operator import Operator
from qbconsole.rehearsal.simulate.setting import Setting
from qbconsole.rehearsal.simulate.world import (
    ByHand,
    CompanyEnd,
    ForgottenBuyer,
    MerchantEnd,
    Violation,
    World,
)
from qbconsole.sync.book import book
from qbconsole.sync.pull import pull_shop
from qbconsole.workspace import Workspace

if TYPE_CHECKING:
    from qbconsole.rehearsal.simulate.faults import Fault

#: Sessions of one company, and pulls, that may be needed after the last fault.
ROUNDS = 8
_HOUR = timedelta(hours=1)
#: The shop's last day has to be over before it can be booked as a whole.
_A_DAY_AND_MORE = 30 * 3600.0


@dataclass(slots=True, kw_only=True)
class Simulation:
    """A world in motion; faults are given this."""

    seed: int
    chance: random.Random
    setting: Setting
    clock: Clock
    log: Log
    moments: Moments
    program: Program
    pcs: dict[str, Pc]
    shops: dict[str, ShopEnd]
    room: Path
    fired: Counter[str] = field(default_factory=Counter)
    by_hand: list[ByHand] = field(default_factory=list)
    forgotten: list[ForgottenBuyer] = field(default_factory=list)
    #: Laws that a fault saw broken with its own eyes.
    seen_broken: list[Violation] = field(default_factory=list)
    #: What puts the world right when the faults stop, last first.
    repairs: list[Callable[[], None]] = field(default_factory=list)

    def strikes(self, number: str, what: str) -> None:
        """A fault really had an effect."""
        self.fired[number] += 1
        self.log.say(f"fault {number}", what)

    def reseed(self, **changed: Any) -> None:
        """Before anything happened: the same shops, otherwise; `changed` are fields of the setting."""
        self.setting = replace(self.setting, **changed)
        self.clock.now = max(self.clock.now, datetime.combine(self.setting.start, time(), UTC))
        for place in self.setting.places:
            self.shops[place.merchant].shop = self.setting.shop(place, self.seed)

    def broke(self, law: str, sentence: str) -> None:
        """A fault saw a law broken that no book tells of."""
        self.seen_broken.append(Violation(law=law, sentence=sentence))

    # -- what people and schedules do -------------------------------------------------------------------

    def pull(self, merchant: str, *, in_bulk: bool | None = None) -> bool:
        """One merchant's `pull`; False where it failed."""

        def command(workspace: Workspace) -> bool:
            means = workspace.means()
            with self.shops[merchant].client() as client:
                pulled = pull_shop(means, means.merchant(merchant), client, in_bulk=in_bulk)
            self.log.say("pull", f"{merchant}: {pulled.counts()}")
            return True

        return bool(self.program.run("pull", command))

    def book(self) -> None:
        """`book` for everybody."""

        def command(workspace: Workspace) -> None:
            means = workspace.means()
            booked = book(means, means.merchants())
            self.log.say(
                "book",
                f"{booked.documents} documents, {booked.held} held {dict(booked.stopped) or ''}".strip(),
            )

        self.program.run("book", command)

    def update(self, company: str, connector: str = "A") -> str:
        """A connector comes; gives the word it was told, "" where there was none."""
        heard = self.pcs[company].update(connector)
        return heard.word if heard is not None else ""

    # -- the days ---------------------------------------------------------------------------------------

    def live(self) -> None:
        """All days, with pulls by night and sessions by day."""
        for day in range(self.setting.days + 1):
            self.moments.passing("day")
            for end in self.shops.values():
                if day:
                    end.live(self.chance, self.chance.randint(0, 2))
            self._night()
            for _ in range(self.chance.randint(1, 2)):
                for company in self.pcs:
                    self.moments.passing("before update", Moment(company=company))
                    self.update(company)
                self.clock.sleep(4 * 3600)

    def _night(self) -> None:
        """The shop's day is over; an hour later the schedule runs."""
        over = max(end.shop.world.end for end in self.shops.values())
        self.clock.now = max(self.clock.now, over + _HOUR)
        for merchant in self.shops:
            self.moments.passing("before pull", Moment(call=merchant))
            self.pull(merchant)
        self.moments.passing("before book")
        self.book()

    def quieten(self) -> int:
        """No more faults: put right what people would put right, and let everything finish; gives sessions needed."""
        self.moments.stop()
        while self.repairs:
            self.repairs.pop()()
        self.log.say("simulation", "the faults are over")
        self.clock.sleep(_A_DAY_AND_MORE)
        sessions: Counter[str] = Counter()
        operator = Operator(self)
        to_pull = set(self.shops)
        for round_ in range(ROUNDS):
            self.clock.sleep(1800)
            operator.look(decides=round_ > 0)
            to_pull -= {merchant for merchant in sorted(to_pull) if self.pull(merchant)}
            self.book()
            words = {company: self.update(company) for company in self.pcs}
            sessions.update(company for company, word in words.items() if word != "none")
            if all(word == "none" for word in words.values()) and not operator.look():
                break
        return max(sessions.values(), default=0)

    def world(self, sessions: int) -> World:
        """As the judges see it."""
        self.clock.sleep(1)
        finished = all(self.update(company) == "none" for company in self.pcs)
        looked = Operator(self)
        return World(
            seed=self.seed,
            began=self.log.lines[0].at,
            ended=self.clock.now,
            mapping=(self.program.root / "mappings.toml").read_text(encoding="utf-8"),
            companies=tuple(
                CompanyEnd(
                    id=company,
                    name=settings.name_of(company),
                    files=tuple(file.seen() for file in pc.files.values()),
                    stopped=looked.stopped(company),
                    unread=frozenset(pc.unread),
                )
                for company, pc in self.pcs.items()
            ),
            merchants=tuple(
                MerchantEnd(
                    id=place.merchant,
                    company=place.company,
                    shop=self.shops[place.merchant].shop,
                    sales=self.setting.mode,
                )
                for place in self.setting.places
            ),
            by_hand=tuple(self.by_hand),
            forgotten=tuple(self.forgotten),
            told=looked.told(),
            unfinished=looked.unfinished(),
            handed=tuple(self.program.handed),
            opened=tuple(self.program.opened),
            sessions_after=sessions,
            sessions_limit=ROUNDS,
            finished=finished,
            fired=dict(self.fired),
            seen_broken=tuple(self.seen_broken),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one seed came to; the program still stands, for the checker."""

    world: World
    digest: str
    lines: tuple[Line, ...]
    documents: int


def simulate(
    seed: int,
    faults: tuple[Fault, ...] = (),
    *,
    judge: Callable[[Simulation, World], None],
    begun: Callable[[Simulation], None] = lambda _made: None,
) -> Ran:
    """Run one seed with these faults; `judge` sees the finished world while its store is still there.

    `begun` is given the world before anything happens in it: its log is all there is of a run that ends with an error.
    """
    chance = random.Random(f"simulate/{seed}")  # noqa: S311 - repeatable is the point
    room = Path(tempfile.mkdtemp(prefix=f"{seed}-", dir=settings.room()))
    made = _made(seed, chance, settings.chosen(chance), room)
    begun(made)
    try:
        with failpoints.heard(lambda name: _reached(made, name)), deciding(made.moments):
            for fault in faults:
                fault.plan(made)
            made.live()
            sessions = made.quieten()
            world = made.world(sessions)
        judge(made, world)
        return Ran(
            world=world,
            digest=made.log.digest(),
            lines=tuple(made.log.lines),
            documents=sum(
                len(one.made) for end in world.companies for file in end.files for one in file.written
            ),
        )
    finally:
        # Before it is closed, where the system lets us: SQLite would write its log back into a file that still lies there.
        shutil.rmtree(room, ignore_errors=True)
        made.program.stop()
        made.program.database.remove()
        shutil.rmtree(room, ignore_errors=True)


def _reached(made: Simulation, name: str) -> None:
    made.moments.passing(f"reach {name}")


def _made(seed: int, chance: random.Random, setting: Setting, room: Path) -> Simulation:
    ready = settings.new_workspace(setting, room)
    clock = Clock(now=datetime.combine(settings.START, time(), settings.MADE.tzinfo))
    log, moments = Log(clock=clock), Moments()
    log.say("simulation", f"seed {seed}: {setting}")
    program = Program(
        root=ready.root,
        database=ready.database,
        clock=clock,
        log=log,
        moments=moments,
        chance=random.Random(f"ours/{seed}"),  # noqa: S311 - as above
    )
    program.start()
    pcs = {
        company: new_pc(
            company, program, ready.passwords[company], settings.path_of(company), settings.new_file(company)
        )
        for company in setting.companies
    }
    shops = {
        place.merchant: ShopEnd(place.merchant, setting.shop(place, seed), clock, log, moments)
        for place in setting.places
    }
    return Simulation(
        seed=seed,
        chance=chance,
        setting=setting,
        clock=clock,
        log=log,
        moments=moments,
        program=program,
        pcs=pcs,
        shops=shops,
        room=room,
    )
