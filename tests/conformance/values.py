"""What may stand in a field: strategies from the catalogue, the ERP's own lists, and what a subject adds.

Values are canonical texts (core/kinds.py); those of fields that are only changed together come together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from bulkio.core.catalogue import Format, Kind
from bulkio.core.kinds import canonical_decimal
from bulkio.core.lists import join_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy
    from subject import Subject

    from bulkio.connectors.protocol import Reader
    from bulkio.core.catalogue import Entity, Field, Reference

    Values = SearchStrategy[dict[str, str]]

_LONGEST = 100  # characters, where the catalogue names no limit
_AT_RANDOM = 40  # characters; longer ones take their time and tell nothing more

_words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)

_BY_FORMAT: dict[Format, SearchStrategy[str]] = {
    Format.EMAIL: _words.map("{}@example.com".format),
    Format.EMAIL_LIST: st.lists(_words.map("{}@example.com".format), min_size=1, max_size=3).map(",".join),
    Format.WEBSITE: _words.map("https://{}.example.com/".format),
    Format.COUNTRY: st.sampled_from(["New Zealand", "DE", "Côte d'Ivoire"]),
    Format.COUNTRY_CODE: st.sampled_from(["DE", "NZ", "AT"]),
}


def texts(longest: int = _LONGEST) -> SearchStrategy[str]:
    """All that a text may hold, of which ERPs and spreadsheets break a lot; blanks at its ends may be trimmed."""
    letters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co"))
    awkward = st.sampled_from(
        ["00123", "1E5", "=1+1", "NA", "null", "true", "☕🎉", "株式会社 山田", "a<b>&\"c'", "%2B+%20"]
    )
    drawn = st.text(letters, min_size=1, max_size=min(longest, _AT_RANDOM))
    return (awkward.map(lambda text: text[:longest]) | drawn | st.just("ü" * longest)).filter(
        lambda text: text.strip() == text
    )


_BY_KIND: dict[Kind, SearchStrategy[str]] = {
    Kind.DECIMAL: st.decimals(min_value=0, max_value=10**9, places=4).map(canonical_decimal),
    Kind.INTEGER: st.integers(0, 999).map(str),
    Kind.BOOLEAN: st.sampled_from(["true", "false"]),
    Kind.DATE: st.dates().map(lambda day: day.isoformat()).filter(lambda text: text > "1900"),
    Kind.LIST: st.lists(texts(30), min_size=1, max_size=4, unique=True).map(join_members),
}


def groups_of(subject: Subject, entity: Entity, reader: Reader) -> Iterator[Values]:
    """One strategy for each writable field of an entity, or for each group of fields that go together."""
    absent = reader.absent_fields() if not entity.parent else frozenset()
    fields = {field.name: field for field in entity.fields if field.is_writable and field.name not in absent}
    for reference in entity.references:
        yield _rows(reference, reader)
    for names in subject.together if not entity.parent else ():
        yield st.fixed_dictionaries({name: _one(subject, entity, fields[name], reader) for name in names})
    grouped = {name for reference in entity.references for name in reference.names}
    grouped |= {name for names in subject.together for name in names} if not entity.parent else set()
    for name, field in fields.items():
        if name not in grouped:
            yield st.fixed_dictionaries({name: _one(subject, entity, field, reader)})


def _rows(reference: Reference, reader: Reader) -> Values:
    """The members of a reference, as one row of the ERP's own list has them."""
    table = reader.lookup(reference.resource)
    assert table is not None, f"{reference.resource}: tests of its fields need the list"
    return st.sampled_from(table.rows).map(
        lambda row: {name: row.get(attribute, "") for name, attribute in reference.members}
    )


def _one(subject: Subject, entity: Entity, field: Field, reader: Reader) -> SearchStrategy[str]:
    given = subject.values.get(f"{entity.name}.{field.name}")
    if given is not None:
        return given
    if field.choices:
        return st.sampled_from(field.choices)
    if field.lookup:
        table = reader.lookup(field.lookup.resource)
        assert table is not None, f"{field.lookup.resource}: tests of {field.name} need the list, or values for it"
        return st.sampled_from(table.values(field.lookup.attribute))
    if field.format:
        return _BY_FORMAT[field.format]
    return texts(field.max_length or _LONGEST) if field.kind is Kind.TEXT else _BY_KIND[field.kind]
