"""Invented customers: the same seed gives the same ones, and a larger number only adds to them.

Each customer is drawn from a generator of its own, so that customer 17 is the same among 20 and among 100,000. The
first twenty are awkward on purpose (see `awkward`), except the first three, which demonstrations show.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Any

from bulkio.core.collector import paused_collector
from bulkio.sandbox.unleashed import lookups
from bulkio.sandbox.unleashed.awkward import PROFILES, Profile
from bulkio.sandbox.unleashed.instant import TICKS_PER_SECOND, Instant
from bulkio.sandbox.unleashed.shapes import CUSTOMER_ORDER
from bulkio.sandbox.unleashed.store import Contact, Customer
from bulkio.sandbox.unleashed.writing import mirrored
from bulkio.sandbox.words import COUNTRIES, DELIVERY_INSTRUCTIONS, MAIL_DOMAINS, NOTES, Country

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Document = dict[str, Any]

_FIRST_CREATED = Instant.parse("2016-01-04T08:12:31.4417003").ticks
_BETWEEN_CREATIONS = 37 * 60 * TICKS_PER_SECOND
_LONGEST_UNTIL_MODIFIED = 700 * 24 * 3600 * TICKS_PER_SECOND
_CREATOR = "support@example.com"
_TRANSLITERATED = str.maketrans({"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def invented_customers(number: int, seed: int) -> list[Customer]:
    """Invent so many customers."""
    with paused_collector():
        return list(_customers(number, seed))


def _customers(number: int, seed: int) -> Iterator[Customer]:
    plain = Profile()
    for position in range(1, number + 1):
        random = Random((seed << 40) + position)  # noqa: S311  invented, not secret
        profile = PROFILES.get(position, plain)
        yield _Invention(random, position, profile).customer()


class _Invention:
    """One customer in the making."""

    def __init__(self, random: Random, position: int, profile: Profile) -> None:
        self._random = random
        self._position = position
        self._profile = profile
        self._country: Country = profile.country or random.choice(COUNTRIES)
        self._created = Instant(_FIRST_CREATED + position * _BETWEEN_CREATIONS + random.getrandbits(33))
        self._modified = Instant(self._created.ticks + random.randrange(1, _LONGEST_UNTIL_MODIFIED))

    def customer(self) -> Customer:
        """Draw everything, in a fixed order."""
        name = self._name()
        document: Document = dict.fromkeys(CUSTOMER_ORDER)
        document |= {
            "CustomerCode": self._code(name),
            "CustomerName": name,
            "CreatedBy": _CREATOR,
            "CreatedOn": self._created,
            "LastModifiedBy": _CREATOR,
            "LastModifiedOn": self._modified,
            "Guid": self._guid(),
        }
        self._fill_terms(document)
        self._fill_texts(document)
        document["Addresses"] = self._addresses()
        document |= self._profile.fields
        return mirrored(Customer(document, self._contacts()))

    def _name(self) -> str:
        country, choice = self._country, self._random.choice
        pattern, trade, city = choice(country.names), choice(country.trades), choice(country.places)[1]
        return pattern.format(a=choice(country.surnames), b=choice(country.surnames), t=trade, c=city)

    def _code(self, name: str) -> str:
        """Make a code that no other customer has, since the position is part of it; some look like numbers."""
        if self._happens(0.04):
            return f"{self._position:07d}"
        if self._happens(0.01):
            return f"{self._position}E5"
        letters = "".join(filter(str.isalnum, _ascii(name[:12]))).upper()
        return f"{letters[:5]}{self._position:03d}"

    def _fill_terms(self, document: Document) -> None:
        random, country = self._random, self._country
        currency = _CURRENCIES[country.currency]
        kind = random.choice(lookups.CUSTOMER_TYPES)
        tax = _TAXES[country.tax_code if self._happens(0.9) else "NONE"]
        tier = random.choice(lookups.SELL_PRICE_TIERS)["Name"] if self._happens(0.4) else random.choice((None, ""))
        has_limit = self._happens(0.3)
        document |= {
            "Currency": currency if self._happens(0.97) else None,
            "CustomerType": kind["TypeName"],
            "CustomerTypeGuid": kind["Guid"],
            "TaxCode": tax["TaxCode"],
            "TaxRate": tax["TaxRate"],
            "Taxable": random.choice((True, True, True, False, None)),
            "PaymentTerm": random.choice(lookups.PAYMENT_TERMS)["PaymentTermDescription"],
            "DeliveryMethod": self._sometimes(random.choice(lookups.DELIVERY_METHODS)["Name"]),
            "Salesperson": random.choice((None, *lookups.SALESPERSONS)),
            "DefaultWarehouse": lookups.warehouse_of(random.choice((None, None, *lookups.WAREHOUSES))),
            "SalesOrderGroup": self._sometimes(random.choice(lookups.SALES_ORDER_GROUPS)["Name"]),
            "SellPriceTier": tier,
            "SellPriceTierReference": lookups.tier_reference(tier),
            "DiscountRate": random.choice(_DISCOUNTS),
            "HasCreditLimit": has_limit,
            "CreditLimit": Decimal(random.randrange(10, 2_000) * 50).quantize(_ZERO) if has_limit else _ZERO,
            "PrintInvoice": random.choice((True, False, None)),
            "PrintPackingSlipInsteadOfInvoice": random.choice((False, False, None)),
            "Obsolete": self._happens(0.1),
            "StopCredit": self._happens(0.05),
        }

    def _fill_texts(self, document: Document) -> None:
        random = self._random
        number = random.randrange(10**8)
        document |= {
            "GSTVATNumber": self._sometimes(f"{number // 10**5:03d}-{number // 100 % 1000:03d}-{number % 1000:03d}"),
            "EORINumber": self._sometimes(f"GB{number:09d}000") if self._country.currency == "GBP" else None,
            "BankName": self._sometimes("Example Bank"),
            "BankBranch": self._sometimes(self._country.places[0][1]),
            "BankAccount": self._sometimes(f"01-{number % 10_000:04d}-{number % 10_000_000:07d}-00"),
            "EmailCC": self._sometimes(random.choice(("accounts@example.com", "a@example.com,b@example.org"))),
            "Notes": self._sometimes(random.choice(NOTES)),
            "DeliveryInstruction": self._sometimes(random.choice(DELIVERY_INSTRUCTIONS)),
            "XeroSalesAccount": self._sometimes("0200"),
            "XeroCostOfGoodsAccount": self._sometimes("310"),
            "XeroContactId": self._guid() if self._happens(0.3) else None,
            "Reminder": "Check the credit terms in spring." if self._happens(0.05) else None,
        }

    def _addresses(self) -> list[Document]:
        if self._profile.addresses is not None:
            kinds: Sequence[tuple[str, str]] = self._profile.addresses
        else:
            kinds = self._random.choices(_ADDRESS_KINDS, _ADDRESS_WEIGHTS)[0]
        return [self._address(kind, name) for kind, name in kinds]

    def _address(self, kind: str, name: str) -> Document:
        random, country = self._random, self._country
        suburb, city, region, postal_code = random.choice(country.places)
        instruction = self._sometimes(random.choice(DELIVERY_INSTRUCTIONS)) if kind == "Shipping" else None
        return {
            "AddressType": kind,
            "AddressName": name,
            "StreetAddress": f"{random.randrange(1, 240)} {random.choice(country.streets)}",
            "StreetAddress2": self._sometimes(f"Level {random.randrange(1, 9)}"),
            "Suburb": suburb,
            "City": city,
            "Region": region,
            "Country": country.name,
            "PostalCode": postal_code,
            "IsDefault": kind == "Shipping",
            "DeliveryInstruction": instruction,
            "LastModifiedOn": self._modified,
            "Guid": self._guid(),
        }

    def _contacts(self) -> tuple[Contact, ...]:
        if self._profile.contacts is not None:
            number = self._profile.contacts
        else:
            number = self._random.choices((0, 1, 2, 3), (15, 55, 20, 10))[0]
        return tuple(self._contact(place) for place in range(number))

    def _contact(self, place: int) -> Contact:
        random, country = self._random, self._country
        first, last = random.choice(country.first_names), random.choice(country.surnames)
        number = f"{place}" if place else ""  # so that the three details are unique within the customer
        email = f"{_ascii(first)}.{_ascii(last)}{number}".lower() + f"@{random.choice(MAIL_DOMAINS)}"
        document: Document = {
            "ForInvoicing": place == 0,
            "ForShipping": self._happens(0.2),
            "ForOrdering": self._happens(0.5),
            "IsDefault": place == 0,
            "DDINumber": None,
            "EmailAddress": email,
            "FaxNumber": self._sometimes(self._phone()),
            "FirstName": first,
            "LastName": last,
            "MobilePhone": self._sometimes(self._phone()),
            "Notes": None,
            "OfficePhone": self._sometimes(self._phone()),
            "PhoneNumber": self._phone(),
            "TollFreeNumber": None,
            "Website": f"https://www.{random.choice(MAIL_DOMAINS)}" if self._happens(0.3) else None,
            "Guid": self._guid(),
            "DeliveryAddress": None,
        }
        if place == 0:
            document |= self._profile.primary
        later = Instant(self._created.ticks + place * _BETWEEN_CREATIONS)
        return Contact(document, later, later)

    def _phone(self) -> str:
        return self._country.phone.format(self._random.randrange(1000))

    def _sometimes(self, text: str) -> str | None:
        """Choose the text, or one of the two blanks: both are found in live systems, and they are not the same."""
        draw = self._random.random()
        if draw < _SHARE_FILLED:
            return text
        return None if draw < _SHARE_FILLED_OR_NULL else ""

    def _happens(self, share: float) -> bool:
        """Draw lots; `share` is between 0 and 1."""
        return self._random.random() < share

    def _guid(self) -> str:
        text = f"{self._random.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


_CURRENCIES = {each["CurrencyCode"]: each for each in lookups.CURRENCIES}
_TAXES = {each["TaxCode"]: each for each in lookups.TAXES}

_SHARE_FILLED = 0.4
_SHARE_FILLED_OR_NULL = 0.9

_ZERO = Decimal("0.0000")
_DISCOUNTS = (None, _ZERO, _ZERO, Decimal("0.0500"), Decimal("0.1250"), Decimal("0.0333"))

_ADDRESS_KINDS: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("Postal", "Head Office"),),
    (("Postal", "Head Office"), ("Shipping", "Main Warehouse")),
    (("Postal", " Postal Address"), ("Physical", "Shop"), ("Shipping", "Main Warehouse")),
)
_ADDRESS_WEIGHTS = (8, 37, 40, 15)


@lru_cache(maxsize=1024)  # the same few names, again and again
def _ascii(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_TRANSLITERATED))
    return "".join(character for character in decomposed if character.isascii() and character not in " '")
