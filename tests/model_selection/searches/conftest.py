"""Servers for the tests of shared searches: one of each for a run."""

import pytest
from servers import postgresql, redis


@pytest.fixture(scope="session")
def postgresql_url():
    with postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url():
    with redis() as url:
        yield url
