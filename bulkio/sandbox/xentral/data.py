"""Invented customers: the same seed gives the same ones, and a larger number only adds to them.

Each customer is drawn from a generator of its own, so that customer 17 is the same among 20 and among 100,000. The
first twenty are awkward on purpose (see `awkward`), except the first three.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from bulkio.core.collector import paused_collector
from bulkio.sandbox.words import DELIVERY_INSTRUCTIONS, GERMANY, MAIL_DOMAINS, UNITED_KINGDOM
from bulkio.sandbox.xentral import lookups
from bulkio.sandbox.xentral.awkward import PROFILES, Profile
from bulkio.sandbox.xentral.blank import BLANK_ADDRESS, blank_contact, blank_customer, blank_delivery_address
from bulkio.sandbox.xentral.store import Child, Customer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bulkio.sandbox.words import Country
    from bulkio.sandbox.xentral.store import Document

_FIRST_CREATED = datetime(2018, 1, 8, 7, 30, tzinfo=UTC)
_BETWEEN_CREATIONS = timedelta(minutes=41)
_LONGEST_UNTIL_UPDATED = 600 * 24 * 3600  # seconds
_FIRST_ID = 1000
_CHILDREN_A_CUSTOMER = 1000  # ids that are set aside for each

_COUNTRIES = (GERMANY, GERMANY, GERMANY, GERMANY, UNITED_KINGDOM)
_CODES = {"Germany": "DE", "United Kingdom": "GB"}
_STATES = ("BY", "NW", "BE", None)
_LANGUAGES = {"Germany": "DE", "United Kingdom": "EN"}
_TARGETS = (0, 7, 14, 30, 30, 60)
_LIMITS = (0, 0, 0, 500, Decimal("2500.5"), 25000)
_DISCOUNTS = (0, 2, 3, Decimal("2.5"))
_NOTES = ("Liefert nur dienstags an.", "Bitte vorher anrufen.", "Altkunde; zahlt zum 20.\nNeue Adresse ab Mai.")


def invented_customers(number: int, seed: int) -> list[Customer]:
    """Invent so many customers."""
    with paused_collector():
        return list(_customers(number, seed))


def _customers(number: int, seed: int) -> Iterator[Customer]:
    plain = Profile()
    for position in range(1, number + 1):
        random = Random((seed << 40) + position)  # noqa: S311  invented, not secret
        yield _Invention(random, position, PROFILES.get(position, plain)).customer()


class _Invention:
    """One customer in the making."""

    def __init__(self, random: Random, position: int, profile: Profile) -> None:
        self._random = random
        self._id = _FIRST_ID + position
        self._position = position
        self._profile = profile
        self._country: Country = random.choice(_COUNTRIES)
        self._created = _FIRST_CREATED + position * _BETWEEN_CREATIONS + timedelta(seconds=random.randrange(1000))
        self._updated = self._created + timedelta(seconds=random.randrange(_LONGEST_UNTIL_UPDATED))

    def customer(self) -> Customer:
        """Draw everything, in a fixed order."""
        document = blank_customer()
        document |= {
            "number": self._number(),
            "primaryAddress": {**self._address(self._name()), "type": "company"},
            "deviatingDebtorAccountNumber": self._sometimes(f"7{self._position:05d}"),
            "notes": self._sometimes(self._random.choice(_NOTES)),
            "groups": self._random.sample(sorted(lookups.GROUPS), self._random.choice((0, 1, 1, 2))),
            "tags": self._random.sample(lookups.TAGS, self._random.choice((0, 0, 1, 2))),
            "mainProject": self._reference(lookups.PROJECTS),
            "accountManager": self._reference(lookups.EMPLOYEES),
        }
        self._fill_terms(document)
        self._fill_custom_fields(document)
        for path, value in self._profile.fields.items():
            _set(document, path.split("."), copy.deepcopy(value))
        for path in self._profile.missing:
            outer, inner = path.split(".")
            del document[outer][inner]
        return Customer(
            self._id,
            document,
            self._created,
            self._updated,
            addresses=self._addresses(),
            contacts=self._contacts(),
            is_write_protected=self._profile.is_write_protected,
        )

    def _number(self) -> str:
        """Make a number that no other customer has, since the position is part of it; some have leading zeros."""
        return f"{self._position:07d}" if self._happens(0.04) else str(10_000 + self._position)

    def _name(self) -> str:
        country, choice = self._country, self._random.choice
        pattern, trade, city = choice(country.names), choice(country.trades), choice(country.places)[1]
        return pattern.format(a=choice(country.surnames), b=choice(country.surnames), t=trade, c=city)

    def _person(self) -> str:
        return f"{self._random.choice(self._country.first_names)} {self._random.choice(self._country.surnames)}"

    def _address(self, name: str) -> Document:
        random, country = self._random, self._country
        _, city, _, code = random.choice(country.places)
        return {
            **BLANK_ADDRESS,
            "name": name,
            "street": f"{random.choice(country.streets)} {random.randrange(1, 240)}",
            "zipCode": code,
            "city": city,
            "country": _CODES[country.name],
            "addressSupplement": self._sometimes("2. Hinterhof"),
            "state": random.choice(_STATES) if country is GERMANY else None,
            "email": self._email(),
            "phone": self._phone(),
            "mobile": self._sometimes(self._phone()),
        }

    def _fill_terms(self, document: Document) -> None:
        random = self._random
        document["communication"]["language"] = _LANGUAGES[self._country.name]
        document["communication"]["website"] = self._sometimes(f"https://www.{random.choice(MAIL_DOMAINS)}")
        financials = document["financials"]
        financials["tax"]["vatId"] = self._sometimes(f"DE{random.randrange(10**9):09d}")
        financials["paymentTerms"]["paymentTargetDays"] = random.choice(_TARGETS)
        financials["paymentTerms"]["paymentTargetDiscount"] = random.choice(_DISCOUNTS)
        financials["paymentMethod"] = self._reference(lookups.PAYMENT_METHODS)
        financials["defaultCurrency"] = self._country.currency
        financials["creditLimit"] = random.choice(_LIMITS)
        account = financials["primaryBankAccount"]
        account["bankName"] = self._sometimes("Beispielbank")
        account["iban"] = self._sometimes(f"DE{random.randrange(10**20):020d}")
        fulfillment = document["fulfillment"]
        fulfillment["shippingMethod"] = self._reference(lookups.SHIPPING_METHODS)
        fulfillment["deliveryTerms"] = self._sometimes("DAP")
        fulfillment["deliveryBlock"] = self._happens(0.05)
        document["documentDelivery"]["documentRecipients"]["invoice"]["to"] = (
            self._email() if self._happens(0.3) else ""
        )

    def _fill_custom_fields(self, document: Document) -> None:
        if self._happens(0.5):
            document["customFields"] = {
                "customField1": self._random.choice(self._country.trades),
                "loyaltyPoints": self._random.randrange(5000),
                "isReseller": self._happens(0.5),
            }

    def _addresses(self) -> tuple[Child, ...]:
        profile = self._profile
        number = self._random.choice((0, 1, 1, 2, 3)) if profile.addresses is None else profile.addresses
        return tuple(self._delivery_address(place) for place in range(number))

    def _delivery_address(self, place: int) -> Child:
        document = blank_delivery_address()
        document |= self._address(f"{self._random.choice(('Lager', 'Filiale', 'Werk'))} {place + 1}")
        document["type"] = "company"
        document["contactPerson"] = self._sometimes(self._person())
        document["deliveryDetails"]["defaultDeliveryAddress"] = place == 0
        document["deliveryDetails"]["note"] = self._sometimes(self._random.choice(DELIVERY_INSTRUCTIONS))
        return self._child(place, document, self._profile.first_address)

    def _contacts(self) -> tuple[Child, ...]:
        profile = self._profile
        number = self._random.choice((0, 1, 1, 1, 2, 3)) if profile.contacts is None else profile.contacts
        return tuple(self._contact(place) for place in range(number))

    def _contact(self, place: int) -> Child:
        document = blank_contact()
        document |= {
            "name": self._person(),
            "type": self._random.choice(("mr", "mrs")),
            "email": self._email(),
            "phone": self._sometimes(self._phone()),
            "country": _CODES[self._country.name],
            "state": self._random.choice(("BY", "NW", "BE")),
        }
        details = document["contactPersonDetails"]
        details["position"] = self._sometimes("Einkauf")
        details["language"] = _LANGUAGES[self._country.name]
        return self._child(place, document, self._profile.first_contact)

    def _child(self, place: int, document: Document, first: Mapping[str, Any]) -> Child:
        if place == 0:
            document |= first
        created = self._created + timedelta(minutes=place)
        return Child(self._id * _CHILDREN_A_CUSTOMER + place, document, created, created)

    def _email(self) -> str:
        return f"kontakt{self._random.randrange(10_000)}@{self._random.choice(MAIL_DOMAINS)}"

    def _phone(self) -> str:
        return self._country.phone.format(self._random.randrange(1000))

    def _reference(self, ids: Mapping[str, str]) -> Document | None:
        return {"id": self._random.choice(sorted(ids))} if self._happens(0.6) else None

    def _sometimes(self, text: str) -> str | None:
        """Choose the text, or one of the two blanks: both are found in live systems, and they are not the same."""
        draw = self._random.random()
        if draw < _SHARE_FILLED:
            return text
        return None if draw < _SHARE_FILLED_OR_NULL else ""

    def _happens(self, share: float) -> bool:
        """Draw lots; `share` is between 0 and 1."""
        return self._random.random() < share


_SHARE_FILLED = 0.5
_SHARE_FILLED_OR_NULL = 0.9


def _set(document: Document, path: list[str], value: Any) -> None:
    *outer, name = path
    for each in outer:
        document = document[each]
    document[name] = value
