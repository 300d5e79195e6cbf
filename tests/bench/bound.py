"""What the libraries alone take for an export: fetch, decode exactly, flatten to three tables, write them unstyled.

No checks, no formats, no notes, no record of what was exported: no export can be much faster than this.
`python bound.py URL OUT.xlsx [json|xlsxwriter|stream]`
"""

from __future__ import annotations

import sys
import zipfile
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any

import httpx
import msgspec

from bulkio.connectors.unleashed.auth import headers_for
from bulkio.connectors.unleashed.catalogue import CATALOGUE
from bulkio.core.secret import Secret

Table = list[tuple[Any, ...]]


def fetch(url: str) -> list[dict[str, Any]]:
    sign = headers_for({"API_ID": Secret("sandbox"), "API_KEY": Secret("sandbox")}, "bench/bench")
    decode = msgspec.json.Decoder(float_hook=Decimal).decode
    records: list[dict[str, Any]] = []
    query = "pageSize=500&includeObsolete=true&includeAllContacts=true"
    with httpx.Client(base_url=url, timeout=60) as client:
        number = pages = 1
        while number <= pages:
            document = decode(client.get(f"/Customers/{number}?{query}", headers=sign(query)).content)
            records += document["Items"]
            pages, number = document["Pagination"]["NumberOfPages"], number + 1
    return records


def flatten(records: list[dict[str, Any]]) -> dict[str, tuple[list[str], Table]]:
    tables: dict[str, tuple[list[str], Table]] = {}
    for entity in CATALOGUE.entities:
        if entity.parent:
            rows = [{**row, "@": record["CustomerCode"]} for record in records for row in record[entity.record_path]]
        else:
            rows = records
        plain = [field for field in entity.fields if len(field.path) == 1]
        nested = [field for field in entity.fields if len(field.path) > 1]
        pick = itemgetter(*(field.path[0] for field in plain))
        table: Table = []
        for row in rows:
            values = pick({**dict.fromkeys(field.path[0] for field in plain), **row})
            table.append((*values, *((row.get(field.path[0]) or {}).get(field.path[1]) for field in nested)))
        tables[entity.name] = ([field.name for field in plain + nested], table)
    return tables


def write_xlsxwriter(tables: dict[str, tuple[list[str], Table]], path: Path) -> None:
    import xlsxwriter  # noqa: PLC0415 - only one of the ways

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    for name, (headers, rows) in tables.items():
        sheet = book.add_worksheet(name)
        for number, values in enumerate([headers, *rows]):
            for column, value in enumerate(values):
                if value is not None:
                    sheet.write_string(number, column, str(value))
    book.close()


def write_stream(tables: dict[str, tuple[list[str], Table]], path: Path) -> None:
    """Rows as text into the sheet parts: what deflate leaves."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, (headers, rows) in enumerate(tables.values(), start=1):
            with archive.open(f"xl/worksheets/sheet{at}.xml", "w") as part:
                block = []
                for values in [tuple(headers), *rows]:
                    cells = "".join(
                        [f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in values if value is not None]
                    )
                    block.append(f"<row>{cells}</row>")
                    if len(block) == 1000:
                        part.write("".join(block).encode())
                        block.clear()
                part.write("".join(block).encode())


def main() -> None:
    url, out, how = sys.argv[1:4]
    tables = flatten(fetch(url))
    if how == "xlsxwriter":
        write_xlsxwriter(tables, Path(out))
    else:
        write_stream(tables, Path(out))


if __name__ == "__main__":
    main()
