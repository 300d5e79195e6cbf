"""What customers refer to by id or name: set up once in a live system, fixed here. Only custom fields can be listed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

PROJECTS = {"1": "Standard", "2": "Webshop"}
GROUPS = {"1": "Großhandel", "2": "Einzelhandel", "3": "Export", "4": "Stammkunden"}
PAYMENT_METHODS = {"1": "Rechnung", "2": "Vorkasse", "3": "Lastschrift"}
SHIPPING_METHODS = {"1": "Paketdienst", "2": "Spedition", "3": "Selbstabholung"}
EMPLOYEES = {"11": "Sabine Lehmann", "12": "Jörg Petersen"}
SALES_CHANNELS = {"1": "Onlineshop"}
STORAGE_LOCATIONS = {"1": "Konsignation Nord"}
LANGUAGES = ("DE", "EN", "FR", "IT", "NL", "ES", "PL")
TAGS = ("VIP", "Messe 2025", "Zahlt spät", "Newsletter", "A&B")

_COLORS = ("#00798c", "#d1495b", "#edae49", "#66a182", "#2e4057")


@dataclass(frozen=True, slots=True)
class CustomField:
    """One free field of an address; `type` is one of the eight that the description names."""

    key: str
    label: str
    type: str = "string"


#: Fields named `customField<n>` are old ones, and always strings (the description). The vendor allows twenty.
CUSTOM_FIELDS = {
    field.key: field
    for field in (
        CustomField("customField1", "Branche"),
        CustomField("customField2", "Lieferantennummer alt"),
        CustomField("loyaltyPoints", "Treuepunkte", "integer"),
        CustomField("discountShare", "Rabattanteil", "float"),
        CustomField("customerSince", "Kunde seit", "date"),
        CustomField("lastVisit", "Letzter Besuch", "datetime"),
        CustomField("isReseller", "Wiederverkäufer", "boolean"),
        CustomField("slogan", "Werbespruch", "translatable_string"),
        CustomField("preferences", "Vorlieben", "object"),
    )
}


def tag_id(title: str) -> str:
    """Make a tag's id. Whoever writes a new title makes a new tag (assumed), so it is derived from the title."""
    return str(zlib.crc32(title.encode()))


def tag_color(title: str) -> str:
    """Choose a tag's colour."""
    return _COLORS[zlib.crc32(title.encode()) % len(_COLORS)]
