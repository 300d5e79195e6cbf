"""What invented customers are made of: plausible wholesale customers in New Zealand, Australia, the UK and Germany.

Telephone numbers come from ranges that are reserved for fiction, e-mail domains from those reserved for examples.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """A market: how its businesses are called, where they are, how they pay."""

    name: str
    currency: str
    tax_code: str
    phone: str
    places: tuple[tuple[str, str, str, str], ...]  # suburb, city, region, postal code
    streets: tuple[str, ...]
    surnames: tuple[str, ...]
    first_names: tuple[str, ...]
    names: tuple[str, ...]  # of businesses; {a} and {b} are surnames, {t} a trade, {c} a city
    trades: tuple[str, ...]


_ENGLISH_TRADES = (
    "Hardware", "Cycles", "Furniture", "Foods", "Apparel & Accessories", "Garden Centre", "Stationery", "Pharmacy",
    "Timber Merchants", "Kitchen Supplies", "Marine", "Books", "Plumbing Supplies", "Outdoor", "Coffee Roasters",
    "Homewares", "Auto Parts", "Electrical", "Packaging", "Bakery Supplies",
)  # fmt: skip
_ENGLISH_FIRST = (
    "Olivia", "Jack", "Charlotte", "Noah", "Amelia", "Liam", "Isla", "George", "Harriet", "Thomas", "Mia", "Henry",
    "Grace", "Hēmi", "Moana", "Ravi", "Mei", "Siobhán", "Zoë", "Darren",
)  # fmt: skip

NEW_ZEALAND = Country(
    "New Zealand", "NZD", "G.S.T.", "+64 9 555 {:04d}",
    (
        ("Takapuna", "Auckland", "North Shore", "0622"), ("Ponsonby", "Auckland", "Auckland", "1011"),
        ("Petone", "Lower Hutt", "Wellington", "5012"), ("Te Aro", "Wellington", "Wellington", "6011"),
        ("Riccarton", "Christchurch", "Canterbury", "8011"), ("Frankton", "Hamilton", "Waikato", "3204"),
        ("Mount Maunganui", "Tauranga", "Bay of Plenty", "3116"), ("Ōtepoti Central", "Dunedin", "Otago", "9016"),
    ),
    ("Hurstmere Road", "Queen Street", "Jackson Street", "Karangahape Road", "Victoria Street", "Great North Road"),
    ("Ngata", "Wade", "Parata", "McKenzie", "Tūhoe", "Fraser", "Henare", "Stewart", "Kereama", "O'Brien"),
    _ENGLISH_FIRST,
    ("{a} {t} Ltd", "{a} & {b} {t}", "{c} {t} Limited", "{a} Bros {t}", "The {c} {t} Company"),
    _ENGLISH_TRADES,
)  # fmt: skip

AUSTRALIA = Country(
    "Australia", "AUD", "GST10", "+61 2 5550 {:04d}",
    (
        ("Newtown", "Sydney", "NSW", "2042"), ("Fitzroy", "Melbourne", "VIC", "3065"),
        ("Fortitude Valley", "Brisbane", "QLD", "4006"), ("Fremantle", "Perth", "WA", "6160"),
        ("Norwood", "Adelaide", "SA", "5067"), ("Nightcliff", "Darwin", "NT", "0810"),
        ("Battery Point", "Hobart", "TAS", "7004"),
    ),
    ("King Street", "Smith Street", "Brunswick Street", "High Street", "The Parade", "Salamanca Place"),
    ("Nguyen", "Walsh", "Kelly", "Costa", "Papadopoulos", "Murray", "Ryan", "Singh", "Doyle", "Hughes"),
    _ENGLISH_FIRST,
    ("{a} {t} Pty Ltd", "{c} {t} Pty Ltd", "{a} & {b} {t}", "{a} Family {t}"),
    _ENGLISH_TRADES,
)  # fmt: skip

UNITED_KINGDOM = Country(
    "United Kingdom", "GBP", "V.A.T.", "+44 20 7946 {:04d}",
    (
        ("Kensington", "London", "Greater London", "W8 5TT"), ("Morningside", "Edinburgh", "Scotland", "EH10 4BF"),
        ("Didsbury", "Manchester", "Greater Manchester", "M20 2DR"), ("Clifton", "Bristol", "Avon", "BS8 1AL"),
        ("Headingley", "Leeds", "West Yorkshire", "LS6 3AA"), ("Pontcanna", "Cardiff", "Wales", "CF11 9LL"),
    ),
    ("High Street", "Church Lane", "Station Road", "Mill Lane", "Morningside Road", "Park Row"),
    ("Ashworth", "Llewellyn", "MacLeod", "Patel", "Fitzgerald", "Thornton", "Hargreaves", "D'Arcy", "Okafor", "Price"),
    _ENGLISH_FIRST,
    ("{a} {t} Ltd", "{a} & Sons {t}", "{c} {t} Ltd", "{a}, {b} & Co"),
    _ENGLISH_TRADES,
)  # fmt: skip

GERMANY = Country(
    "Germany", "EUR", "UST19", "+49 30 23125 {:04d}",
    (
        ("Prenzlauer Berg", "Berlin", "Berlin", "10405"), ("Altona", "Hamburg", "Hamburg", "22765"),
        ("Schwabing", "München", "Bayern", "80801"), ("Südstadt", "Köln", "Nordrhein-Westfalen", "50677"),
        ("Plagwitz", "Leipzig", "Sachsen", "04229"), ("Sankt Georgen", "Freiburg im Breisgau", "Baden", "79111"),
    ),
    ("Hauptstraße", "Bahnhofstraße", "Lindenallee", "Schönhauser Allee", "Mühlenweg", "Große Bergstraße"),
    ("Müller", "Schröder", "Weiß", "Jäger", "Böhm", "Köhler", "Çelik", "Krüger", "Nowak", "Großmann"),
    ("Anke", "Jörg", "Käthe", "Uwe", "Björn", "Sönke", "Mehmet", "Ülkü", "Lena", "Matthias"),
    ("{a} {t} GmbH", "{a} & {b} {t} OHG", "{t} {a} e.K.", "{c}er {t} GmbH & Co. KG"),
    ("Großhandel", "Baustoffe", "Fahrräder", "Möbel", "Feinkost", "Bürobedarf", "Gärtnerei", "Elektrotechnik"),
)  # fmt: skip

#: As many of each as a New Zealand wholesaler would have.
COUNTRIES = (*[NEW_ZEALAND] * 5, *[AUSTRALIA] * 3, *[UNITED_KINGDOM] * 2, *[GERMANY] * 2)

MAIL_DOMAINS = ("example.com", "example.org", "example.net")

NOTES = (
    "Prefers deliveries on Tuesdays.",
    "Call before noon.",
    "Old account merged in 2019.\r\nPays by the 20th.",
    "Ring twice;\tloading dock is behind the building.",
    "Wants paper invoices, “always”.",
)

DELIVERY_INSTRUCTIONS = ("Handle with care.", "Ring twice", "Leave with reception", "Forklift on site: 07:00-15:00")
