"""Every test runs once for every connector. Tests are no package, so that their own modules are put within reach."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import unleashed
import xentral
from desk import desk_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desk import Desk
    from subject import Subject

SUBJECTS = (unleashed.SUBJECT, xentral.SUBJECT)


@pytest.fixture(scope="session", params=SUBJECTS, ids=lambda subject: subject.name)
def subject(request: pytest.FixtureRequest) -> Subject:
    """The connector that is tried."""
    found: Subject = request.param
    return found


@pytest.fixture(scope="session")
def subjects() -> tuple[Subject, ...]:
    """All of them."""
    return SUBJECTS


@pytest.fixture
def desk(subject: Subject, tmp_path: Path) -> Iterator[Desk]:
    """A desk of the test's own, with a few ordinary customers."""
    with desk_at(subject, tmp_path, customers=5) as made:
        yield made


@pytest.fixture
def crowded(subject: Subject, tmp_path: Path) -> Iterator[Desk]:
    """A desk of the test's own, with all of the server's awkward customers."""
    with desk_at(subject, tmp_path, customers=20) as made:
        yield made


@pytest.fixture(scope="session")
def library(subject: Subject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk that is only read."""
    with desk_at(subject, tmp_path_factory.mktemp("library"), customers=60) as made:
        before = made.server.stored()
        yield made
        assert made.server.stored() == before
        assert made.relay.writes == []
