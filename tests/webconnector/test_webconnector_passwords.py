"""Passwords and the bucket in front of them."""

from __future__ import annotations

import re
import time

import pytest

from qbconsole.webconnector.passwords import generate, hash_password, needs_rehash, verify
from qbconsole.webconnector.throttle import PER_USER, Allowance, Buckets, Throttle


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_generated_password_has_140_bits_in_groups_of_four() -> None:
    made = {generate() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"(?:[0-9a-hjkmnp-tv-z]{4}-){6}[0-9a-hjkmnp-tv-z]{4}", one) for one in made)
    assert set("".join(made)) == set("0123456789abcdefghjkmnpqrstvwxyz-")


def test_the_hash_is_argon2id_with_the_chosen_parameters() -> None:
    stored = hash_password("x")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not needs_rehash(stored)
    assert hash_password("x") != stored


def test_only_the_password_itself_is_right_however_it_is_typed() -> None:
    password = "0a1b-2c3d-4e5f-6g7h-8j9k-mnpq-rstv"
    stored = hash_password(password)
    typed = [password, password.upper(), password.replace("-", " "), password.replace("-", ""), f" {password}\n",
             password.replace("0", "O").replace("1", "l")]  # fmt: skip
    assert all(verify(one, stored) for one in typed)
    assert not any(
        verify(one, stored) for one in ("", "x", password[:-1], password.replace("v", "w"), generate())
    )


def test_other_passwords_are_compared_to_the_letter() -> None:
    stored = hash_password("Correct horse")
    assert verify("Correct horse", stored)
    assert not verify("correct horse", stored)
    assert not verify("Correct-horse", stored)


@pytest.mark.parametrize("stored", [None, "", "no hash", "$argon2id$v=19$m=19456,t=2,p=1$broken"])
def test_without_a_readable_hash_nothing_is_right(stored: str | None) -> None:
    assert not verify("x", stored)
    assert not verify("", stored)


def test_a_megabyte_of_password_is_not_hashed() -> None:
    begun = time.process_time()
    assert not any(verify("x" * 1_000_000, None) for _ in range(200))
    assert time.process_time() - begun < 1.0


def test_an_unknown_user_costs_what_a_wrong_password_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    from qbconsole.webconnector import passwords

    stored, seen = hash_password("right"), []
    real = passwords._HASHER.verify

    class Counting:
        def verify(self, hashed: str, password: str) -> bool:
            seen.append(hashed.split("$")[3])
            return real(hashed, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    assert not verify("wrong", stored)
    assert not verify("wrong", None)
    assert seen == ["m=19456,t=2,p=1", "m=19456,t=2,p=1"]


def test_five_failures_close_a_peer_until_time_passes() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert [throttle.admit(f"user-{n}", "192.0.2.1") for n in range(7)] == [True] * 5 + [False] * 2
    assert throttle.locked("anybody", "192.0.2.1")
    assert throttle.admit("user-9", "192.0.2.2")
    clock.now += 12
    assert throttle.admit("user-9", "192.0.2.1")
    assert not throttle.admit("user-9", "192.0.2.1")


def test_twenty_failures_close_a_user_whatever_the_peer() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert all(throttle.admit("oak", f"192.0.2.{n}") for n in range(PER_USER.burst))
    assert not throttle.admit("oak", "198.51.100.1")
    assert throttle.admit("elm", "198.51.100.1")
    clock.now += 180
    assert throttle.admit("oak", "198.51.100.1")


def test_right_passwords_never_run_dry() -> None:
    throttle = Throttle(Clock())
    for _ in range(1000):
        assert throttle.admit("oak", "192.0.2.1")
        throttle.succeeded("oak", "192.0.2.1")


def test_a_whole_ipv6_network_is_one_peer() -> None:
    throttle = Throttle(Clock())
    assert [throttle.admit(f"u{n}", f"2001:db8::{n + 1:x}") for n in range(6)] == [True] * 5 + [False]
    assert throttle.admit("u", "2001:db8:0:1::1")
    assert throttle.admit("u", "not an address")


def test_the_buckets_stay_bounded_and_a_clock_set_back_harms_nobody() -> None:
    clock = Clock()
    buckets = Buckets(Allowance(burst=2, seconds=10), clock, limit=100)
    for n in range(1000):
        buckets.add(str(n), -1)
    assert len(buckets._levels) == 100
    clock.now -= 500
    assert buckets.level("999") == 1
    clock.now += 1_000_000
    assert buckets.level("999") == 2
