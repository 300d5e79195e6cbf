"""Which account it is: a fingerprint that stays, that tells accounts apart, and that gives nothing away."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from desk import linked

if TYPE_CHECKING:
    from desk import Desk
    from subject import Subject

HERE, THERE = "http://127.0.0.1:1", "http://127.0.0.1:2"


def tenant(subject: Subject, url: str = HERE, **others: Any) -> str:
    with linked(subject, url, **others) as link:
        return link.reader.tenant


def test_the_fingerprint_is_known_without_a_call_and_stays(subject: Subject) -> None:
    assert tenant(subject) == tenant(subject)
    assert tenant(subject, client_type="acme/other", requests_per_minute=7) == tenant(subject)
    assert tenant(subject, "HTTP://127.0.0.1:1/") in (tenant(subject), tenant(subject, f"{HERE}/"))


def test_the_account_says_the_same_as_the_reader(library: Desk) -> None:
    account = library.reader.account()
    assert account.tenant == library.reader.tenant
    assert account.name


def test_another_account_has_another_fingerprint(subject: Subject) -> None:
    assert tenant(subject, THERE) != tenant(subject)
    for name in subject.identifying:
        assert tenant(subject, secrets={name: "another"}) != tenant(subject)


def test_a_secret_that_is_replaced_by_a_new_one_leaves_the_account_what_it_was(subject: Subject) -> None:
    for name in subject.secrets.keys() - set(subject.identifying):
        assert tenant(subject, secrets={name: "replaced"}) == tenant(subject)


def test_the_fingerprint_reveals_nothing(subject: Subject) -> None:
    secrets = {name: f"s3cret-of-{name.lower()}" for name in subject.secrets}
    found = tenant(subject, secrets=secrets)
    assert found.isalnum()
    assert len(found) >= 16
    for value in (*secrets.values(), "127.0.0.1"):
        assert value not in found
    for value in secrets.values():
        digests = [hashlib.new(name, value.encode()).hexdigest() for name in ("md5", "sha1", "sha256")]
        assert not any(digest.startswith(found) for digest in digests), "a digest of it alone can be looked up"
