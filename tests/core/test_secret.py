"""A secret is given out by `reveal` and by nothing else."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import asdict, dataclass
from typing import Any

import pytest

from bulkio.core.secret import Secret

WORD = "s3cr3t-w0rd"


@dataclass(frozen=True)
class Settings:
    key: Secret


@pytest.mark.parametrize(
    "shown",
    [repr, str, "{}".format, "{!r}".format, lambda secret: f"{secret}", lambda secret: repr([secret]),
     lambda secret: repr(Settings(secret))],
)  # fmt: skip
def test_no_way_of_printing_shows_it(shown: Any) -> None:
    assert WORD not in shown(Secret(WORD))


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_no_way_of_copying_carries_it(copied: Any) -> None:
    with pytest.raises(TypeError) as caught:
        copied(Secret(WORD))
    assert WORD not in str(caught.value)


def test_it_does_not_slip_out_with_the_settings_that_hold_it() -> None:
    with pytest.raises(TypeError):
        asdict(Settings(Secret(WORD)))


def test_it_is_revealed_on_request_and_says_whether_it_is_there() -> None:
    assert Secret(WORD).reveal() == WORD
    assert Secret(WORD)
    assert not Secret("")
    assert str(Secret("")) != str(Secret(WORD))
