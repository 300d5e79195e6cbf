"""What a converted workbook means for a plan: whose it is, and which record of the other ERP an operation carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.crosswalk import Carried
from bulkio.errors import OutdatedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bulkio.core.plan import Operation
    from bulkio.workflows.checked import Checked
    from bulkio.workflows.user_file import UserFile


def refuse_other_target(file: UserFile, erp: str, tenant: str) -> None:
    """Raise OutdatedError if the file was converted for another account: ids in it would be of that one's records."""
    header = file.conversion
    if header is None:
        return
    if header.target_erp != erp:
        msg = f"{file.path} was converted for another ERP ({header.target_erp})"
        raise OutdatedError(msg, hint="Use a profile of that ERP.")
    if header.target_tenant not in ("", tenant):
        msg = f"{file.path} was converted for another account (profile {header.target_profile!r})"
        raise OutdatedError(msg, hint="Use that account's profile, or convert again with this one.")


def carried_by(checked: Checked, operations: Iterable[Operation]) -> Carried | None:
    """The records of the other account that the operations carry over, by operation; None for any other file."""
    header = checked.file.conversion
    if header is None:
        return None
    ids = {}
    for operation in operations:
        source_id = checked.sheets[operation.entity].rows.sources.get(operation.row, "")
        if source_id:
            ids[operation.id] = source_id
    return Carried(erp=header.source_erp, tenant=header.source_tenant, ids=ids)
