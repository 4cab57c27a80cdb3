"""A trip that is closed with its test."""

import pytest
from trip import Trip


@pytest.fixture
def make_trip(tmp_path):
    made = []

    def make(**more):
        found = Trip(tmp_path, **more)
        made.append(found)
        return found

    yield make
    for found in made:
        found.close()
