"""The scripts that a user writes, and that bulkio is compared with: pandas throughout, nothing exact.

`python script.py export URL OUT.xlsx`, `python script.py read FILE.xlsx`, `python script.py plan URL FILE.xlsx`
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import sys

import httpx
import pandas as pd

QUERY = "pageSize=500&includeObsolete=true&includeAllContacts=true"


def fetch(url: str) -> pd.DataFrame:
    signature = base64.b64encode(hmac.new(b"sandbox", QUERY.encode(), hashlib.sha256).digest()).decode()
    headers = {"api-auth-id": "sandbox", "api-auth-signature": signature, "Accept": "application/json"}
    records = []
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        page = pages = 1
        while page <= pages:
            reply = client.get(f"/Customers/{page}?{QUERY}").json()
            records += reply["Items"]
            pages = reply["Pagination"]["NumberOfPages"]
            page += 1
    return pd.json_normalize(records)


def export(url: str, out: str) -> None:
    fetch(url).to_excel(out, sheet_name="Customers", index=False)


def read(path: str) -> pd.DataFrame:
    return pd.read_excel(path, sheet_name="Customers", engine="openpyxl")


def read_all(path: str) -> None:
    """The same tables that a check reads."""
    pd.read_excel(path, sheet_name=["Customers", "Addresses", "Contacts"], engine="openpyxl")


def plan(url: str, path: str) -> None:
    live = fetch(url)
    both = read(path).merge(live, on="Guid", how="left", suffixes=("", "_live"), indicator=True)
    changed = 0
    for name in live.columns:
        if f"{name}_live" in both:
            changed += int((both[name] != both[f"{name}_live"]).sum())
    print(changed, "cells differ")


if __name__ == "__main__":
    {"export": export, "read": read, "read_all": read_all, "plan": plan}[sys.argv[1]](*sys.argv[2:])
