"""Wording: what the library says in the terms of the command line, in those of the page."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: What a message says -> what it is called here. The longer phrase of two comes first.
_PHRASES = (
    ("Save the plan with -o PLAN, then: bulkio approve PLAN, and bulkio apply PLAN", "Have it approved first."),
    ("Have this one approved: bulkio approve PLAN", "Have this one approved."),
    ("Have the plan approved again: bulkio approve PLAN", "Have the plan approved again."),
    ("needs the flag --allow-delete", "must be allowed first, in the step Check"),
    ("use --blank clear", "use “Clear these fields” in the step Changes"),
    ("for instance --encoding cp1252 or utf-8", "for instance cp1252 or utf-8, in the step File"),
    ("read the file with --encoding", "name its encoding in the step File"),
    ("give --encoding", "name its encoding in the step File"),
    ("give --delimiter", "choose the separator in the step File"),
    (", or name the untouched export with --base", ""),
    ("Name the export that it is of with --base, or export", "Export"),
    (" `bulkio fields` lists the columns there are.", ""),
    ("`bulkio fields` lists them.", "The form lists them."),
    ("Go on with: bulkio resume", "Go on when you are ready."),
    ("Wait until it has finished: bulkio runs", "Wait until it has finished."),
    ("take the run back: bulkio undo RUN", "take the run back in the step Results"),
    ("Give it with --name.", "Write it beside “Approve”."),
)


def on_page(text: str, folder: Path) -> str:
    """The text as the page says it; a file below `folder`, where uploads are kept, goes by its name alone."""
    for phrase, here in _PHRASES:
        text = text.replace(phrase, here)
    start = text.find(str(folder))
    if start < 0:
        return text
    path, colon, rest = text[start:].partition(": ")
    return text[:start] + path.rpartition(os.sep)[2] + colon + rest
