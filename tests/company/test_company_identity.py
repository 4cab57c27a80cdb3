"""Host, company, activity, marker and limits: what tells one company file from another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbconsole.company import (
    Activity,
    Chart,
    Company,
    CompanyIdentity,
    Host,
    Marker,
    MarkerUnreadable,
    Names,
    ObservedDocument,
    PrivateValue,
    Vendor,
    edition,
    fullness,
    limits_for,
    wall_time,
)
from qbconsole.money import Money

PRO = Host(product="QuickBooks Pro 2024", version="34.0", country="US")


def host(product, version="34.0"):
    return Host(product=product, version=version, country="US")


def test_the_newest_version_is_chosen_by_number_and_not_by_text():
    many = Host(
        product="p", version="1", country=" us ", supported_versions=("9.0", "16.0", "CA99.0", "13.0", "x")
    )
    assert many.highest_version == "16.0"
    assert many.is_us
    assert PRO.highest_version == ""
    assert not Host(product="p", version="1", country="CA").is_us


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("2026-07-01T10:00:00-05:00", "2026-07-01T10:00:00"),
        ("2026-07-01T10:00:00", "2026-07-01T10:00:00"),
        (" 2026-07-01", "2026-07-01T00:00:00"),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_times_are_kept_as_local_wall_time(text, wall):
    assert wall_time(text) == wall


@pytest.mark.parametrize("never", ["", "1970-01-01T00:00:00+00:00", "1969-12-31T16:00:00-08:00"])
def test_never_restored_is_told_from_restored(never):
    assert Activity(last_restore_time=never).restored == ""
    assert Activity(last_restore_time="2026-07-01T10:00:00-05:00").restored == "2026-07-01T10:00:00"


def test_private_values_are_found_by_owner_and_name_without_case():
    company = CompanyIdentity(name="Oak", private=(PrivateValue(owner_id="{AB}", name="FileID", value="f"),))
    assert company.private_value("{ab}", "fileid") == "f"
    assert company.private_value("{ab}", "AppLock") is None
    assert (
        Company(name="Oak", identity=CompanyIdentity(name="Oak", fiscal_first_month=7)).fiscal_first_month
        == 7
    )


IDS = st.from_regex(r"[A-Za-z0-9-]{1,64}", fullmatch=True)


@given(IDS, st.integers(0, 10**18 - 1), IDS)
def test_a_marker_survives_its_text_and_fits_the_field(epoch, serial, install):
    marker = Marker(company_epoch=epoch, serial=serial, install_id=install)
    assert Marker.from_text(f" {marker.to_text()}\n") == marker
    assert len(marker.to_text()) <= 255


MARKER = Marker(company_epoch="e1", serial=41, install_id="i1").to_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        MARKER[:-1],
        MARKER.replace("41", "42"),
        MARKER.replace("qbc1;", "qbc2;"),
        MARKER + "x",
        MARKER.replace("41", "٤١"),
    ],
)
def test_a_damaged_or_edited_marker_is_never_taken_for_none(text):
    with pytest.raises(MarkerUnreadable):
        Marker.from_text(text)


def test_a_marker_of_a_newer_version_says_so():
    with pytest.raises(MarkerUnreadable, match="newer"):
        Marker.from_text("qbc9;something=else")
    with pytest.raises(MarkerUnreadable, match="newer"):
        Marker.from_text(MARKER.replace("qbc1;", "qbc2;"))


@pytest.mark.parametrize(
    "parts",
    [
        {"company_epoch": "a;b"},
        {"company_epoch": ""},
        {"serial": -1},
        {"serial": 10**18},
        {"install_id": "x" * 65},
        {"install_id": "é"},
    ],
)
def test_a_marker_refuses_what_it_could_not_read_back(parts):
    with pytest.raises(ValueError):
        Marker(**{"company_epoch": "e", "serial": 1, "install_id": "i", **parts})


@given(st.text())
def test_any_text_is_a_marker_or_unreadable(text):
    with pytest.raises(MarkerUnreadable):
        Marker.from_text(text)


@pytest.mark.parametrize(
    ("product", "version", "names", "classes"),
    [
        ("QuickBooks Pro 2024", "34.0", 14_500, 10_000),
        ("QuickBooks Premier 2024", "34.0", 14_500, 10_000),
        ("Something new", "99.0", 14_500, 10_000),
        ("QuickBooks Enterprise Solutions 24.0", "34.0", 1_000_000, 100_000),
        ("QuickBooks Enterprise Solutions 13.0", "23.0", 100_000, 100_000),
        ("QuickBooks Desktop Enterprise", "", 1_000_000, 100_000),
    ],
)
def test_limits_follow_the_edition_and_the_unknown_gets_the_strictest(product, version, names, classes):
    limits = limits_for(host(product, version))
    assert (limits.names, limits.classes) == (names, classes)
    assert limits_for(None).names == 14_500
    assert edition(product) == ("enterprise" if "Enterprise" in product else "pro_premier")


def test_the_fullest_list_comes_first_and_warns_in_time():
    rows = fullness({"names": 11_600, "accounts": 50, "customers": 10_500}, limits_for(PRO))
    assert [(row.list, row.percent, row.left, row.is_nearly_full) for row in rows] == [
        ("customers", 105, 0, True),
        ("names", 80, 2_900, True),
        ("accounts", 0, 9_950, False),
    ]


def test_only_lists_that_were_read_are_counted():
    names = Names((), tuple(Vendor(list_id=str(n), full_name=f"V{n}") for n in range(3)), known=True)
    rows = Company(name="Oak", host=PRO, names=names, chart=Chart((), known=True)).fullness()
    assert {row.list: row.used for row in rows} == {"vendors": 3, "names": 3, "customers": 0, "accounts": 0}


@pytest.mark.parametrize(
    ("memo", "total", "void"),
    [
        ("VOID: x", "0.00", True),
        (" void:x", None, True),
        ("VOID: x", "1.00", False),
        ("x VOID:", "0.00", False),
        ("", "0.00", False),
    ],
)
def test_a_void_needs_both_signs(memo, total, void):
    amount = Money.of(total, "USD") if total else None
    assert ObservedDocument(kind="Check", txn_id="1", memo=memo, total=amount).is_void is void
