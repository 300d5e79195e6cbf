"""Desks as in the stories."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def _kit() -> Any:
    """`tests/story/kit.py`; tests are no package, so that it has to be found by its file."""
    name = "bulkio_story_kit"
    if name not in sys.modules:
        place = Path(__file__).resolve().parents[1] / "story" / "kit.py"
        spec = spec_from_file_location(name, place)
        assert spec
        assert spec.loader
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def kit() -> Any:
    """The helpers."""
    return _kit()


@pytest.fixture
def desk(kit: Any, tmp_path: Path) -> Iterator[Any]:
    """A desk of the test's own: twenty awkward customers."""
    with kit.desk_at(tmp_path) as made:
        yield made
