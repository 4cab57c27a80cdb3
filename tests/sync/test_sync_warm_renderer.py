"""A renderer is used again while its templates are the same, in one thread only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from qbconsole.sync.deciding import _WARM, warm_renderer

ONE, OTHER = {"a.xml.j2": "one"}, {"a.xml.j2": "other"}


def test_the_same_templates_are_compiled_once_and_others_anew():
    first = warm_renderer(ONE, ONE)
    assert warm_renderer(dict(ONE), dict(ONE)) is first
    assert warm_renderer(OTHER, ONE) is not first
    assert warm_renderer(ONE, OTHER) is not warm_renderer(ONE, ONE)


def test_a_template_that_was_changed_in_place_is_another():
    sources = dict(ONE)
    first = warm_renderer(sources, ONE)
    sources["a.xml.j2"] = "changed"
    assert warm_renderer(sources, ONE) is not first


def test_two_threads_never_share_one():
    with ThreadPoolExecutor(1) as other:
        elsewhere = other.submit(warm_renderer, ONE, ONE).result()
    assert warm_renderer(ONE, ONE) is not elsewhere


def test_what_asks_and_what_books_by_turns_stay_warm_and_only_a_few_are_kept():
    first, second = warm_renderer(ONE, ONE), warm_renderer(OTHER, ONE)
    assert warm_renderer(ONE, ONE) is first
    assert warm_renderer(OTHER, ONE) is second
    for number in range(_WARM - 1):
        warm_renderer({"a.xml.j2": f"{number}"}, ONE)
    assert warm_renderer(OTHER, ONE) is second
    assert warm_renderer(ONE, ONE) is not first
