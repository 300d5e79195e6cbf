"""Profiles: which account, where, and how careful; each setting with the place that it came from.

Order: flag, environment, `--config` file, the nearest `bulkio.toml` upward, the user's config folder, defaults. Secrets
are never in a file of ours: they come from the environment, or from the machine's keyring.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bulkio.core.secret import Secret
from bulkio.core.suggest import did_you_mean
from bulkio.errors import CredentialsError, UnknownProfileError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The name of a profile that comes from the environment alone (BULKIO_ERP, BULKIO_BASE_URL, ...).
FROM_ENVIRONMENT = "env"

_FILE = "bulkio.toml"
_TOP_LEVEL = ("default_profile", "profiles")
_SECRET_WORDS = ("key", "secret", "token", "password", "api_id")
_KINDS = {str: "a text", int: "a whole number", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class _Setting:
    kind: type
    default: Any
    least: int = 0  # of an int


_SETTINGS: dict[str, _Setting] = {
    "erp": _Setting(str, ""),
    "base_url": _Setting(str, ""),
    "client_type": _Setting(str, "bulkio/bulkio"),
    "environment": _Setting(str, "live"),
    "settle_seconds": _Setting(int, 30),
    "monthly_calls": _Setting(int, 0),
    "requests_per_minute": _Setting(int, 0),
    "timeout": _Setting(int, 60, least=1),
    "workers": _Setting(int, 4, least=1),
    "approval": _Setting(bool, False),  # noqa: FBT003 the default of a setting
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One account's settings. Times in seconds; 0 calls or requests means: no limit of ours.

    `sources` says of each setting where it came from; `environment` is "live" or "sandbox".
    """

    name: str
    erp: str
    base_url: str
    client_type: str
    environment: str
    settle_seconds: int
    monthly_calls: int
    requests_per_minute: int
    timeout: int
    workers: int
    approval: bool
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether a write here is for real."""
        return self.environment != "sandbox"


def load_profile(name: str | None = None, *, config: Path | None = None, erp: str | None = None) -> Profile:
    """The profile of that name; without one, $BULKIO_PROFILE, the environment's own, or the default one.

    Raises UnknownProfileError or UsageError, each naming what there is and what to do.
    """
    documents = _documents(config)
    known = _known(documents)
    wanted = name or os.environ.get("BULKIO_PROFILE") or _default(documents, known)
    if wanted == FROM_ENVIRONMENT and FROM_ENVIRONMENT not in known:
        return _profile(FROM_ENVIRONMENT, {}, "", erp)
    if wanted not in known:
        hint = did_you_mean(wanted, known) or f"Known are: {', '.join(known) or 'none'}."
        msg = f"there is no profile {wanted!r}"
        raise UnknownProfileError(msg, hint=hint)
    table, source = known[wanted]
    return _profile(wanted, table, source, erp)


def sandbox_profile(erp: str, base_url: str) -> Profile:
    """A profile for a local sandbox: nothing to configure, and lost replies settle at once."""
    values = {name: setting.default for name, setting in _SETTINGS.items()}
    values |= {"erp": erp, "base_url": base_url, "environment": "sandbox", "settle_seconds": 1}
    return Profile(name="sandbox", sources=dict.fromkeys(values, "the sandbox"), **values)


def profile_names(config: Path | None = None) -> dict[str, str]:
    """All configured profiles, each with the file that it comes from."""
    names = {name: source for name, (_, source) in _known(_documents(config)).items()}
    if os.environ.get("BULKIO_ERP"):
        names[FROM_ENVIRONMENT] = "environment"
    return names


def secret_variable(profile: str, name: str) -> str:
    """The environment variable that holds a profile's secret."""
    middle = "" if profile == FROM_ENVIRONMENT else re.sub(r"\W", "_", profile).upper() + "_"
    return f"BULKIO_{middle}{name}"


def load_secrets(profile: Profile, names: Sequence[str]) -> dict[str, Secret]:
    """The secrets that a connector needs. Raises CredentialsError that names the variables to set."""
    secrets = {name: find_secret(profile.name, name) for name in names}
    missing = [secret_variable(profile.name, name) for name, (secret, _) in secrets.items() if not secret]
    if missing:
        msg = f"the profile {profile.name!r} has no credentials"
        raise CredentialsError(msg, hint=f"Set {' and '.join(missing)}, or run: bulkio login -p {profile.name}")
    return {name: secret for name, (secret, _) in secrets.items()}


def find_secret(profile: str, name: str) -> tuple[Secret, str]:
    """One secret and where it was found ("" if nowhere)."""
    variables = [secret_variable(profile, name)]
    if not os.environ.get("BULKIO_ERP"):  # the plain names belong to the environment's own profile, if there is one
        variables.append(f"BULKIO_{name}")
    for variable in variables:
        if value := os.environ.get(variable, ""):
            return Secret(value.strip()), f"${variable}"
    if value := _from_keyring(profile, name):
        return Secret(value), "keyring"
    return Secret(""), ""


def store_secret(profile: str, name: str, value: str) -> None:
    """Keep a secret in the machine's keyring. Raises CredentialsError where there is none, naming the alternative.

    One that the library itself does not recommend is none: it keeps what it is given in plain text, or not at all.
    """
    variable = secret_variable(profile, name)
    if not value:
        msg = f"{name}: nothing was typed, so nothing was stored"
        raise CredentialsError(msg)
    try:
        import keyring  # noqa: PLC0415 an extra
        import keyring.core  # noqa: PLC0415
        import keyring.errors  # noqa: PLC0415
    except ImportError as exc:
        msg = "the keyring library is not installed"
        raise CredentialsError(msg, hint=f'pip install "bulkio[keyring]", or set {variable}.') from exc
    try:
        is_safe = keyring.core.recommended(keyring.get_keyring())
        if is_safe:
            keyring.set_password(f"bulkio/{profile}", name, value)
    except keyring.errors.KeyringError as exc:
        msg = "this machine has no keyring that could hold a secret"
        raise CredentialsError(msg, hint=f"Set {variable} in the environment instead.") from exc
    if not is_safe:
        msg = "the only keyring of this machine does not keep secrets safely; nothing was stored"
        raise CredentialsError(msg, hint=f"Set {variable} in the environment instead.")


def _from_keyring(profile: str, name: str) -> str:
    try:
        import keyring  # noqa: PLC0415 an extra
        import keyring.errors  # noqa: PLC0415
    except ImportError:
        return ""
    try:
        return keyring.get_password(f"bulkio/{profile}", name) or ""
    except keyring.errors.KeyringError:
        return ""


def is_loopback(url: str) -> bool:
    """Whether the address is this machine."""
    host = (urlsplit(url).hostname or "").lower()
    return host in ("localhost", "::1") or bool(re.fullmatch(r"127(\.\d{1,3}){3}", host))


# --- files ------------------------------------------------------------------------------------------------------------


def _documents(config: Path | None) -> list[tuple[dict[str, Any], str]]:
    """All configuration files that count, nearest first."""
    paths: list[Path] = []
    explicit = config or (Path(os.environ["BULKIO_CONFIG"]) if os.environ.get("BULKIO_CONFIG") else None)
    if explicit is not None:
        if not explicit.is_file():
            msg = f"{explicit}: there is no such configuration file"
            raise UsageError(msg)
        paths.append(explicit)
    here = Path.cwd()
    nearest = next((folder / _FILE for folder in (here, *here.parents) if (folder / _FILE).is_file()), None)
    if nearest:
        paths.append(nearest)
    import platformdirs  # noqa: PLC0415 only when a profile is asked for

    users = Path(platformdirs.user_config_dir("bulkio", appauthor=False)) / _FILE
    if users.is_file() and users not in paths:
        paths.append(users)
    return [(_read(path), str(path)) for path in paths]


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as exc:
        msg = f"{path}: the configuration cannot be read"
        raise UsageError(msg) from exc
    except tomllib.TOMLDecodeError as exc:
        msg = f"{path}: not valid TOML: {exc}"
        raise UsageError(msg) from exc


def _known(documents: Sequence[tuple[dict[str, Any], str]]) -> dict[str, tuple[dict[str, Any], str]]:
    known: dict[str, tuple[dict[str, Any], str]] = {}
    for document, source in documents:
        _refuse_secrets(document, source, FROM_ENVIRONMENT)
        for key in document:
            if key not in _TOP_LEVEL:
                msg = f"{source}: {key!r} is none of {', '.join(_TOP_LEVEL)}"
                raise UsageError(msg, hint="Settings of an account stand below [profiles.NAME].")
        profiles = document.get("profiles", {})
        if not isinstance(profiles, dict) or not all(isinstance(table, dict) for table in profiles.values()):
            msg = f"{source}: write each profile as a table: [profiles.NAME]"
            raise UsageError(msg)
        for name, table in profiles.items():
            _refuse_secrets(table, source, name)
            known.setdefault(name, (table, source))
    return known


def _default(documents: Sequence[tuple[dict[str, Any], str]], known: Mapping[str, tuple[dict[str, Any], str]]) -> str:
    if os.environ.get("BULKIO_ERP"):
        return FROM_ENVIRONMENT
    for document, _ in documents:
        if document.get("default_profile"):
            return str(document["default_profile"])
    if len(known) == 1:
        return next(iter(known))
    if known:
        msg = f"which account? There are several profiles: {', '.join(known)}"
        raise UsageError(msg, hint="Name one with -p, or set default_profile.")
    msg = "no account is configured"
    raise UnknownProfileError(
        msg,
        hint=f"Write a {_FILE} with [profiles.NAME], or set BULKIO_ERP, BULKIO_BASE_URL and the credentials. "
        "To look around without an account: bulkio demo",
    )


def _refuse_secrets(table: Mapping[str, Any], source: str, name: str) -> None:
    """No secret in any profile of the file, whichever is used: the file is the kind that gets committed and mailed."""
    for key in table:
        if any(word in key.lower() for word in _SECRET_WORDS):
            of = "" if name == FROM_ENVIRONMENT else f" of profile {name!r}"
            msg = f"{source}: {key}{of} looks like a secret, and secrets are never kept in this file"
            raise UsageError(msg, hint=f"Set {secret_variable(name, key.upper())} instead, and change the secret.")


def _profile(name: str, table: Mapping[str, Any], source: str, erp: str | None) -> Profile:
    for key in table:
        if key not in _SETTINGS:
            msg = f"{source}: profile {name!r} has an unknown setting {key!r}"
            raise UsageError(msg, hint=did_you_mean(key, _SETTINGS) or f"Known are: {', '.join(_SETTINGS)}.")
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for key, setting in _SETTINGS.items():
        values[key], sources[key] = _value(name, key, setting, table, source)
    if erp:
        values["erp"], sources["erp"] = erp, "flag"
    if settle := os.environ.get("BULKIO_SETTLE_SECONDS"):
        values["settle_seconds"] = _converted("settle_seconds", settle, int, "$BULKIO_SETTLE_SECONDS")
        sources["settle_seconds"] = "$BULKIO_SETTLE_SECONDS"
    if not values["erp"]:
        msg = f"the profile {name!r} does not say which ERP it is"
        raise UsageError(msg, hint="Set erp in the profile, or BULKIO_ERP.")
    if values["environment"] not in ("live", "sandbox"):
        msg = f"environment of profile {name!r} is {values['environment']!r}"
        raise UsageError(msg, hint='Write "live" or "sandbox".')
    if "@" in urlsplit(values["base_url"]).netloc:
        msg = f"base_url of profile {name!r} holds a user name or a password"
        raise UsageError(msg, hint="Write the address alone; the credentials are secrets of their own.")
    if is_loopback(values["base_url"]):
        values["environment"], sources["environment"] = "sandbox", "a loopback address"
    return Profile(name=name, sources=sources, **values)


def _value(name: str, key: str, setting: _Setting, table: Mapping[str, Any], source: str) -> tuple[Any, str]:
    variable = secret_variable(name, key.upper())
    if variable in os.environ:
        value = _converted(key, os.environ[variable], setting.kind, f"${variable}")
        return _bounded(key, value, setting, f"${variable}"), f"${variable}"
    if key in table:
        value = table[key]
        if type(value) is not setting.kind:
            msg = f"{source}: {key} of profile {name!r} must be {_KINDS[setting.kind]}"
            raise UsageError(msg)
        return _bounded(key, value, setting, source), source
    return setting.default, "default"


def _converted(key: str, text: str, kind: type, source: str) -> Any:
    if kind is str:
        return text.strip()
    if kind is bool and text.lower() in ("true", "false", "1", "0"):
        return text.lower() in ("true", "1")
    if kind is int and re.fullmatch(r"\d{1,9}", text.strip()):
        return int(text)
    msg = f"{source}: {key} is {text!r}, and must be {_KINDS[kind]}"
    raise UsageError(msg)


def _bounded(key: str, value: Any, setting: _Setting, source: str) -> Any:
    if setting.kind is int and value < setting.least:
        msg = f"{source}: {key} is {value}, and must be at least {setting.least}"
        raise UsageError(msg)
    return value
