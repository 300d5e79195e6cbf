"""What a plan records of the options can be read again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.headers import Command
from bulkio.core.locale import LOCALES
from bulkio.core.options import Blank, ImportOptions, OnConflict

OPTIONS = st.builds(
    ImportOptions,
    blank=st.sampled_from(Blank),
    default_command=st.sampled_from((Command.UPDATE, Command.MERGE, Command.NEW)),
    on_conflict=st.sampled_from(OnConflict),
    allow_delete=st.booleans(),
    locale=st.sampled_from(list(LOCALES.values())),
)


@given(OPTIONS)
def test_options_survive_a_plan(options: ImportOptions) -> None:
    assert ImportOptions.from_dict(options.to_dict()) == options
