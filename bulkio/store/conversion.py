"""What a converted workbook knows of itself: which account its records come from, and which it was made for.

It travels in the workbook's hidden part. It is no baseline: nothing of the target was read.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import msgspec

from bulkio.errors import FileError

SCHEMA = "bulkio.conversion/1"

#: The name of it among a workbook's attachments.
ATTACHMENT = "conversion.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionHeader:
    """From where to where, and when (a canonical timestamp).

    The tenants are the accounts' fingerprints: the source's is blank where the file did not know it, the target's where
    no account was known. Then no row holds an id of the target, and the workbook fits any account of that ERP.
    """

    source_erp: str
    source_tenant: str
    source_account: str
    target_erp: str
    target_tenant: str
    target_profile: str
    converted_at: str
    schema: str = SCHEMA


def dump(header: ConversionHeader) -> bytes:
    """The attachment's bytes."""
    return msgspec.json.encode(asdict(header))


def load(content: bytes, *, where: str) -> ConversionHeader:
    """Read the bytes back. Raises FileError, naming `where`, if they are nothing of this version."""
    try:
        header = msgspec.json.decode(content, type=ConversionHeader)
    except msgspec.DecodeError as exc:
        msg = f"{where}: the hidden record of where it was converted from is damaged"
        raise FileError(msg, hint="Convert again, and copy your edits over.") from exc
    if header.schema != SCHEMA:
        msg = f"{where}: the record of where it was converted from is of another version ({header.schema!r})"
        raise FileError(msg, hint="Convert again with this version of bulkio.")
    return header
