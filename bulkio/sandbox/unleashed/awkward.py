"""The first twenty customers: three ordinary ones, then all that tends to break between an ERP and a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  a dataclass may be asked for its types
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bulkio.sandbox.words import AUSTRALIA, GERMANY, NEW_ZEALAND, UNITED_KINGDOM, Country


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is not left to chance for one customer; None and blank mean that it is."""

    country: Country | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    addresses: tuple[tuple[str, str], ...] | None = None
    contacts: int | None = None
    primary: Mapping[str, Any] = field(default_factory=dict)  # the default contact's own


def _named(code: str, name: str, **others: Any) -> dict[str, Any]:
    return {"CustomerCode": code, "CustomerName": name, "Obsolete": False, "StopCredit": False, **others}


_FIVE_ADDRESSES = (
    ("Postal", "Zentrale"), ("Physical", "Laden Köln"), ("Shipping", "Lager Süd"), ("Shipping", "Lager Nord"),
    ("Shipping", "Außenlager"),
)  # fmt: skip
_POSTAL_AND_SHIPPING = (("Postal", "Head Office"), ("Shipping", "Main Warehouse"))

#: As long as the page allows (line 721), with an umlaut at the very end.
_LONGEST_NOTES = ("Lieferung nur nach Absprache. " * 40)[:1022] + "Ü."

_LINES = 'First line\r\nSecond line\r\n\r\n  -indented, with a "quote"'

_NO_REFERENCES = {
    "Currency": None, "Salesperson": None, "DefaultWarehouse": None, "CustomerType": None, "CustomerTypeGuid": None,
    "TaxCode": None, "TaxRate": None, "PaymentTerm": None,
}  # fmt: skip

_BLANK_TEXTS = {"Notes": "", "BankName": "", "EmailCC": "", "GSTVATNumber": ""}

PROFILES: Mapping[int, Profile] = {
    1: Profile(
        country=NEW_ZEALAND,
        fields=_named("HURST001", "Hurstmere Hardware Ltd", Notes="Prefers deliveries on Tuesdays."),
        addresses=_POSTAL_AND_SHIPPING,
        contacts=2,
        primary={"FirstName": "Harold", "LastName": "Smith", "EmailAddress": "hsmith@example.com"},
    ),
    2: Profile(
        country=AUSTRALIA,
        fields=_named("BAROS002", "Barossa Valley Cellars Pty Ltd"),
        addresses=_POSTAL_AND_SHIPPING,
        contacts=1,
    ),
    3: Profile(
        country=UNITED_KINGDOM,
        fields=_named("KENSI003", "Kensington Tea Merchants Ltd"),
        addresses=_POSTAL_AND_SHIPPING,
        contacts=1,
    ),
    4: Profile(
        country=GERMANY,
        fields=_named("00123", "Müller & Söhne Großhandel GmbH"),
        addresses=_FIVE_ADDRESSES,
        contacts=3,
    ),
    5: Profile(fields=_named("1E5", "=SUM(1) Supplies Ltd", BankAccount="0012345678901234567")),
    6: Profile(fields=_named("PACIF006", "Pacific Office Supplies Group"), contacts=130),
    7: Profile(fields=_named("NA", "NA"), addresses=(("Postal", "NA"),), contacts=1, primary={"LastName": "Null"}),
    8: Profile(fields=_named("NULL", "null"), contacts=1),
    9: Profile(fields=_named("@CMD", "@cmd|' /C calc'!A0", Notes=_LINES)),
    10: Profile(fields=_named("YAMADA10", "株式会社 山田商店", Notes=_LONGEST_NOTES)),
    11: Profile(fields=_named("EMOJI011", "Café Été ☕🎉 Ltd"), addresses=(), contacts=0),
    12: Profile(fields=_named("NOUR012", "شركة النور للتجارة"), contacts=1),
    13: Profile(
        fields=_named("WADE013", "Wade's\u00a0Apparel & Accessories"),
        addresses=(("Postal", " Postal Address"), ("Postal", "Postal Address"), ("Postal", " Postal Address")),
        contacts=1,
    ),
    14: Profile(fields=_named("NONE014", "None", Obsolete=True), contacts=1),
    # Records older than today's rules: no body that repeats them is accepted any more.
    15: Profile(
        fields=_named("LEGACY15", "Phone Only Traders"),
        contacts=1,
        primary={"FirstName": None, "LastName": None, "EmailAddress": None, "PhoneNumber": "+64 9 555 0199"},
    ),
    16: Profile(fields=_named("TRUE", "True"), contacts=100),
    17: Profile(fields=_named("+64-17", "-2+3 Plumbing & Gas"), contacts=101),
    18: Profile(
        fields=_named(
            "LIMIT018",
            "Unlimited Credit Partners",
            StopCredit=True,
            HasCreditLimit=True,
            CreditLimit=Decimal("99999999999999.9999"),
            DiscountRate=Decimal("0.3333"),
        )
    ),
    19: Profile(
        fields=_named("BLANK019", "Blank Fields Ltd", **_NO_REFERENCES, **_BLANK_TEXTS),
        contacts=0,
    ),
    20: Profile(
        fields=_named("007/A&B #2", 'Bond <b>"Street"</b> Traders', EmailCC="old@example.com; style@example.com"),
        contacts=1,
    ),
}
