"""The first twenty customers: three ordinary ones, then all that tends to break between an ERP and a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  a dataclass may be asked for its types
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bulkio.sandbox.xentral.blank import BLANK_ADDRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is not left to chance for one customer. `fields` go by path; `missing` paths are absent from responses."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    addresses: int | None = None
    contacts: int | None = None
    first_address: Mapping[str, Any] = field(default_factory=dict)
    first_contact: Mapping[str, Any] = field(default_factory=dict)
    is_write_protected: bool = False


def _named(number: str, name: str, **others: Any) -> dict[str, Any]:
    return {"number": number, "primaryAddress.name": name, **others}


_LINES = 'Erste Zeile\r\nZweite Zeile\r\n\r\n  -eingerückt, mit "Anführung"'
_LONG_NAME = ("Vereinigte Werkstätten für Kunst und Handwerk " * 7)[:299] + "Ü"

_BANK = "financials.primaryBankAccount"
_ACCOUNT = {
    f"{_BANK}.bankName": "Beispielbank Musterstadt",
    f"{_BANK}.accountHolder": "Köhler Möbel GmbH",
    f"{_BANK}.iban": "DE89370400440532013000",
    f"{_BANK}.bic": "COBADEFFXXX",
    f"{_BANK}.sepa.mandateReference": "MANDAT-2024-0815",
    f"{_BANK}.sepa.mandateReferenceDate": "2024-03-01",
    f"{_BANK}.sepa.usage": "recurring",
    f"{_BANK}.sepa.isCompanySepa": True,
}

_NULLS = dict.fromkeys(
    (
        "notes", "primaryAddress.email", "primaryAddress.title", "financials.tax.vatId", "financials.defaultCurrency",
        "communication.website", "deviatingBillingAddress", "mainProject", "accountManager", "salesManager",
    )
)  # fmt: skip
_BLANKS = {**_NULLS, "notes": "", "primaryAddress.title": "", "financials.tax.vatId": "", "communication.website": ""}

_EVERY_CUSTOM_FIELD = {
    "customField1": "=SUMME(A1)",
    "customField2": "000815",
    "loyaltyPoints": 1234567890,
    "discountShare": Decimal("0.125"),
    "customerSince": "2019-02-28",
    "lastVisit": "2026-03-29T02:30:00+01:00",
    "isReseller": False,
    "slogan": "Größer, schöner, weiter",
    "preferences": {"farbe": "grün", "größen": [38, 40]},
}

_TWIN = {"primaryAddress.street": "Hauptstraße 7", "primaryAddress.zipCode": "50677", "primaryAddress.city": "Köln"}

_BILLING = {
    "name": "Krüger Holding, Buchhaltung",
    "street": "Bahnhofstraße 1 <Hof>",
    "zipCode": "01099",
    "city": "Dresden",
    "country": "DE",
    "email": "rechnung@example.com",
}

PROFILES: Mapping[int, Profile] = {
    1: Profile(fields=_named("10001", "Hoffmann Backwaren GmbH"), addresses=1, contacts=2),
    2: Profile(fields=_named("10002", "Seidel Elektrotechnik e.K."), addresses=2, contacts=1),
    3: Profile(fields=_named("10003", "Alpenhof Feinkost AG", **{"primaryAddress.country": "CH"}), contacts=1),
    4: Profile(fields=_named("00123", "Müller & Söhne Großhandel GmbH"), addresses=5, contacts=3),
    5: Profile(fields=_named("1E5", "=1+1"), addresses=1, contacts=1, first_contact={"name": "+49 170 1"}),
    # More than one page of them, however large the pages.
    6: Profile(fields=_named("10006", "Pauli Filialbetriebe KG"), addresses=120, contacts=1),
    7: Profile(fields=_named("NA", "NA"), addresses=0, contacts=0),
    8: Profile(fields=_named("10008", _LONG_NAME), contacts=1, first_contact={"name": "x" * 255}),
    9: Profile(fields=_named("EMOJI-9", "Café Été ☕🎉"), contacts=1, first_contact={"name": "株式会社 山田"}),
    10: Profile(fields=_named("10010", "@cmd|' /C calc'!A0", notes=_LINES), contacts=1),
    11: Profile(fields=_named("10011", "Köhler Möbel GmbH", **_ACCOUNT), contacts=1),
    12: Profile(fields=_named("10012", "Leer und null GmbH", **_BLANKS), contacts=0, addresses=0),
    13: Profile(fields=_named("10013", "Schmidt Gartenbau", **_TWIN), contacts=1),
    14: Profile(fields=_named("10014", "Schmidt Gartenbau", **_TWIN), contacts=1),
    15: Profile(fields=_named("10015", "Böhm Wollwaren", customFields=_EVERY_CUSTOM_FIELD), contacts=1),
    16: Profile(fields=_named("10016", "Stadtwerke Musterstadt"), contacts=1, is_write_protected=True),
    17: Profile(fields=_named("+49-17", "-2+3 Sanitär"), contacts=130),
    18: Profile(
        fields=_named(
            "KD-Ä/7 #2",
            'Krüger <b>"Nord"</b>',
            deviatingBillingAddress=BLANK_ADDRESS | _BILLING,
            groups=["1", "4"],
            tags=["VIP", "A&B"],
        ),
        contacts=1,
    ),
    # Older than today's rules: what stands here could not be written any more.
    19: Profile(
        fields=_named("10019", "Altbestand Bayern", **{"primaryAddress.state": "Bayern"}),
        addresses=1,
        contacts=1,
        first_address={"state": "Bayern"},
        first_contact={"state": "Bayern", "country": None, "email": "keine"},
    ),
    20: Profile(
        fields={"number": "10020", **_NULLS, "primaryAddress": None},
        missing=("communication.website", "fulfillment.deliveryTerms", "financials.supplierNumberForCustomer"),
        addresses=0,
        contacts=0,
    ),
}
