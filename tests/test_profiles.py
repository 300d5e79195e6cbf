"""Where settings and secrets come from, in which order, and what is refused with one line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import platformdirs
import pytest

from bulkio.errors import CredentialsError, UnknownProfileError, UsageError
from bulkio.profiles import (
    find_secret,
    is_loopback,
    load_profile,
    load_secrets,
    profile_names,
    sandbox_profile,
    secret_variable,
    store_secret,
)

LIVE = '[profiles.acme]\nerp = "unleashed"\nbase_url = "https://api.unleashedsoftware.com"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nothing is configured, and an environment without a word of ours."""
    for name in [each for each in os.environ if each.startswith("BULKIO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / "config"))
    work = tmp_path / "work" / "deep" / "er"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def users_file() -> Path:
    return Path(platformdirs.user_config_dir("bulkio", appauthor=False)) / "bulkio.toml"


# --- the order --------------------------------------------------------------------------------------------------------


def test_nearer_files_win_and_each_setting_says_where_it_came_from(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def timeout(config: Path | None = None) -> tuple[int, str]:
        profile = load_profile("acme", config=config)
        return profile.timeout, profile.sources["timeout"]

    users = write(users_file(), LIVE + "timeout = 1\n")
    assert timeout() == (1, str(users))
    upward = write(folder / "work" / "bulkio.toml", LIVE + "timeout = 2\n")
    assert timeout() == (2, str(upward))
    nearest = write(Path.cwd() / "bulkio.toml", LIVE + "timeout = 3\n")
    assert timeout() == (3, str(nearest))
    chosen = write(folder / "other.toml", LIVE + "timeout = 4\n")
    assert timeout(chosen) == (4, str(chosen))
    monkeypatch.setenv("BULKIO_CONFIG", str(chosen))
    assert timeout() == (4, str(chosen))
    monkeypatch.setenv("BULKIO_ACME_TIMEOUT", "5")
    assert timeout(chosen) == (5, "$BULKIO_ACME_TIMEOUT")
    assert load_profile("acme").sources["workers"] == "default"


def test_a_profile_is_taken_whole_from_the_nearest_file_that_has_it() -> None:
    write(users_file(), LIVE + "timeout = 1\n")
    write(Path("bulkio.toml"), LIVE)
    assert load_profile("acme").timeout == 60


def test_profiles_of_all_files_are_known() -> None:
    write(users_file(), LIVE.replace("acme", "home"))
    near = write(Path("bulkio.toml").absolute(), LIVE)
    assert profile_names() == {"acme": str(near), "home": str(users_file())}


def test_the_only_profile_is_the_default(folder: Path) -> None:
    write(folder / "work" / "bulkio.toml", LIVE)
    assert load_profile().name == "acme"


def test_several_profiles_need_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    two = LIVE + LIVE.replace("acme", "beta")
    path = write(Path("bulkio.toml"), two)
    with pytest.raises(UsageError, match="There are several profiles: acme, beta"):
        load_profile()
    write(path, 'default_profile = "beta"\n' + two)
    assert load_profile().name == "beta"
    monkeypatch.setenv("BULKIO_PROFILE", "acme")
    assert load_profile().name == "acme"
    assert load_profile("beta").name == "beta"


def test_the_environment_alone_makes_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULKIO_ERP", "unleashed")
    monkeypatch.setenv("BULKIO_BASE_URL", "https://api.unleashedsoftware.com")
    monkeypatch.setenv("BULKIO_WORKERS", "2")
    profile = load_profile()
    assert (profile.name, profile.erp, profile.workers, profile.environment) == ("env", "unleashed", 2, "live")
    assert profile.sources["base_url"] == "$BULKIO_BASE_URL"
    assert profile_names() == {"env": "environment"}


def test_the_environments_own_profile_goes_before_the_files_default(monkeypatch: pytest.MonkeyPatch) -> None:
    write(Path("bulkio.toml"), 'default_profile = "acme"\n' + LIVE)
    monkeypatch.setenv("BULKIO_ERP", "unleashed")
    assert load_profile().name == "env"
    assert load_profile("acme").name == "acme"


def test_settle_seconds_have_a_variable_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    write(Path("bulkio.toml"), LIVE + "settle_seconds = 7\n")
    assert load_profile("acme").settle_seconds == 7
    monkeypatch.setenv("BULKIO_SETTLE_SECONDS", "0")
    assert load_profile("acme").settle_seconds == 0


# --- live or sandbox --------------------------------------------------------------------------------------------------


def test_a_profile_without_an_environment_is_live() -> None:
    write(Path("bulkio.toml"), LIVE)
    assert load_profile().is_live


def test_only_the_word_sandbox_makes_a_remote_address_one() -> None:
    path = write(Path("bulkio.toml"), LIVE + 'environment = "sandbox"\n')
    assert not load_profile().is_live
    write(path, LIVE + 'environment = "Sandbox "\n')
    with pytest.raises(UsageError, match="environment of profile 'acme' is 'Sandbox '"):
        load_profile()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8123", "http://localhost:8123", "http://[::1]:8123", "https://127.1.2.3"]
)
def test_a_loopback_address_is_always_a_sandbox(url: str) -> None:
    write(Path("bulkio.toml"), f'[profiles.acme]\nerp = "unleashed"\nbase_url = "{url}"\nenvironment = "live"\n')
    profile = load_profile()
    assert not profile.is_live
    assert profile.sources["environment"] == "a loopback address"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1.example.com", "https://localhost.example.com", "https://10.0.0.1", "127.0.0.1:80", ""]
)
def test_other_addresses_are_none(url: str) -> None:
    assert not is_loopback(url)


def test_the_demos_profile_is_a_sandbox() -> None:
    assert not sandbox_profile("unleashed", "http://127.0.0.1:1").is_live


# --- what is refused --------------------------------------------------------------------------------------------------

REFUSED = [
    ("[profiles.acme\n", "not valid TOML"),
    ("profiles = 3\n", "write each profile as a table: [profiles.NAME]"),
    ('[profile.acme]\nerp = "unleashed"\n', "'profile' is none of default_profile, profiles"),
    ('erp = "unleashed"\n' + LIVE, "'erp' is none of default_profile, profiles"),
    ('[profiles.acme]\nbase_url = "https://example.com"\n', "the profile 'acme' does not say which ERP it is"),
    (LIVE + 'colour = "red"\n', "profile 'acme' has an unknown setting 'colour'"),
    (LIVE + 'timeout = "soon"\n', "timeout of profile 'acme' must be a whole number"),
    (LIVE + "timeout = 0\n", "timeout is 0, and must be at least 1"),
    (LIVE + "workers = -3\n", "workers is -3, and must be at least 1"),
    (LIVE + "settle_seconds = true\n", "settle_seconds of profile 'acme' must be a whole number"),
    (LIVE + 'approval = "yes"\n', "approval of profile 'acme' must be true or false"),
    (LIVE + 'environment = "production"\n', "environment of profile 'acme' is 'production'"),
    (LIVE.replace("https://", "https://id:key@"), "base_url of profile 'acme' holds a user name or a password"),
    ("\x00", "not valid TOML"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_a_wrong_configuration_is_refused_in_one_line(text: str, words: str) -> None:
    write(Path("bulkio.toml"), text)
    with pytest.raises(UsageError) as refused:
        load_profile("acme")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("key", ["api_key", "API_ID", "token", "password", "client_secret"])
@pytest.mark.parametrize("place", ["own", "other", "top"])
def test_a_secret_in_the_file_is_refused_and_not_repeated(key: str, place: str) -> None:
    line = f'{key} = "s3cret"\n'
    text = {
        "own": LIVE + line,
        "other": LIVE + LIVE.replace("acme", "beta") + line,
        "top": line + LIVE,
    }[place]
    write(Path("bulkio.toml"), text)
    with pytest.raises(UsageError, match="looks like a secret, and secrets are never kept in this file") as refused:
        load_profile("acme")
    assert "s3cret" not in str(refused.value) + refused.value.hint
    assert "BULKIO_" in refused.value.hint
    with pytest.raises(UsageError, match="looks like a secret"):
        profile_names()


def test_an_unknown_setting_suggests_the_near_one() -> None:
    write(Path("bulkio.toml"), LIVE + "settle_second = 3\n")
    with pytest.raises(UsageError) as refused:
        load_profile()
    assert refused.value.hint == "Did you mean 'settle_seconds'?"


def test_an_unknown_profile_suggests_the_near_one() -> None:
    write(Path("bulkio.toml"), LIVE)
    with pytest.raises(UnknownProfileError, match="there is no profile 'acm'") as refused:
        load_profile("acm")
    assert refused.value.hint == "Did you mean 'acme'?"


def test_without_any_configuration_the_demo_is_named() -> None:
    with pytest.raises(UnknownProfileError, match="no account is configured") as refused:
        load_profile()
    assert "bulkio demo" in refused.value.hint


def test_a_configuration_that_is_not_there_is_no_silent_default(folder: Path) -> None:
    write(Path("bulkio.toml"), LIVE)
    with pytest.raises(UsageError, match="there is no such configuration file"):
        load_profile("acme", config=folder / "missing.toml")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("BULKIO_ACME_TIMEOUT", "a minute"), ("BULKIO_ACME_APPROVAL", "perhaps"), ("BULKIO_SETTLE_SECONDS", "-1")],
)
def test_a_wrong_variable_is_named(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(Path("bulkio.toml"), LIVE)
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError, match=f"\\${variable}"):
        load_profile()


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_secrets_come_from_the_profiles_own_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    write(Path("bulkio.toml"), LIVE.replace("acme", "acme-nz"))
    profile = load_profile()
    with pytest.raises(CredentialsError) as missing:
        load_secrets(profile, ("API_ID", "API_KEY"))
    assert missing.value.hint == "Set BULKIO_ACME_NZ_API_ID and BULKIO_ACME_NZ_API_KEY, or run: bulkio login -p acme-nz"
    monkeypatch.setenv("BULKIO_ACME_NZ_API_ID", " id\n")
    monkeypatch.setenv("BULKIO_ACME_NZ_API_KEY", "key")
    secrets = load_secrets(profile, ("API_ID", "API_KEY"))
    assert [secrets["API_ID"].reveal(), secrets["API_KEY"].reveal()] == ["id", "key"]
    assert "key" not in repr(secrets).replace("API_KEY", "").lower()


def test_the_environments_profile_has_plain_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULKIO_ERP", "unleashed")
    monkeypatch.setenv("BULKIO_API_KEY", "mine")
    assert secret_variable("env", "API_KEY") == "BULKIO_API_KEY"
    assert find_secret("env", "API_KEY")[1] == "$BULKIO_API_KEY"
    secret, source = find_secret("acme", "API_KEY")
    assert (bool(secret), source) == (False, ""), "another account's key is nobody else's"


class Keyring:
    """A backend of the keyring library, with its own measure of how good it is."""

    def __init__(self, priority: float) -> None:
        self.priority = priority
        self.kept: dict[tuple[str, str], str] = {}

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand in for the library, which is an extra."""
        library, core, errors = (ModuleType(name) for name in ("keyring", "keyring.core", "keyring.errors"))
        vars(errors)["KeyringError"] = type("KeyringError", (Exception,), {})
        vars(core)["recommended"] = lambda backend: backend.priority >= 1
        vars(library).update(core=core, errors=errors, get_keyring=lambda: self)
        vars(library)["set_password"] = lambda service, name, value: self.kept.update({(service, name): value})
        vars(library)["get_password"] = lambda service, name: self.kept.get((service, name))
        for module in (library, core, errors):
            patch.setitem(sys.modules, module.__name__, module)


def test_a_stored_secret_is_found_again_and_the_environment_goes_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring(priority=5)
    keyring.install(monkeypatch)
    store_secret("acme", "API_KEY", "kept")
    assert keyring.kept == {("bulkio/acme", "API_KEY"): "kept"}
    secret, source = find_secret("acme", "API_KEY")
    assert (secret.reveal(), source) == ("kept", "keyring")
    monkeypatch.setenv("BULKIO_ACME_API_KEY", "newer")
    assert find_secret("acme", "API_KEY")[0].reveal() == "newer"


@pytest.mark.parametrize("priority", [0.5, 0, -1])  # in plain text; fails; forgets
def test_a_keyring_that_keeps_secrets_in_plain_text_or_not_at_all_is_refused(
    monkeypatch: pytest.MonkeyPatch, priority: float
) -> None:
    keyring = Keyring(priority)
    keyring.install(monkeypatch)
    with pytest.raises(CredentialsError, match="does not keep secrets safely") as refused:
        store_secret("acme", "API_KEY", "s3cret")
    assert "BULKIO_ACME_API_KEY" in refused.value.hint
    assert keyring.kept == {}
    with pytest.raises(CredentialsError, match="nothing was typed"):
        store_secret("acme", "API_KEY", "")


def test_a_profiles_repr_has_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    write(Path("bulkio.toml"), LIVE)
    monkeypatch.setenv("BULKIO_ACME_API_KEY", "s3cret")
    profile: Any = load_profile()
    assert "s3cret" not in repr(profile)
