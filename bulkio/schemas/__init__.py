"""The JSON Schemas (draft 2020-12) of the documents that `--json` prints and that plans are saved as.

    from bulkio.schemas import load
    jsonschema.validate(document, load(document["schema"]))

Strict: a document has exactly the members that its schema names. Within a version only members are added.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

_SUFFIX = ".schema.json"


def names() -> tuple[str, ...]:
    """The documents that have a schema, as their `schema` member names them (`bulkio.plan/1`)."""
    found = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(f"bulkio.{name.removesuffix(_SUFFIX)}/1" for name in found if name.endswith(_SUFFIX)))


def load(name: str) -> dict[str, Any]:
    """The schema of a document, by its `schema` member. Raises KeyError if there is none of that name."""
    if name not in names():
        raise KeyError(name)
    file = name.removeprefix("bulkio.").removesuffix("/1") + _SUFFIX
    schema: dict[str, Any] = json.loads((files(__name__) / file).read_text(encoding="utf-8"))
    return schema


__all__ = ["load", "names"]
