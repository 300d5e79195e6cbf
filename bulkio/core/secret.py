"""A secret text that cannot be printed by accident."""

from __future__ import annotations


class Secret:
    """Holds a key, an id or a token; only `reveal()` gives it out, and only auth code calls that.

    It has no useful repr, str, format, hash or pickle, so that a log line, a traceback or a journal cannot carry it.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The secret itself."""
        return self.__value

    def __repr__(self) -> str:
        """Say that it is there, not what it is."""
        return "Secret(***)" if self.__value else "Secret(empty)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        """Whether there is one."""
        return bool(self.__value)

    def __reduce__(self) -> str | tuple[object, ...]:
        """Refuse to be pickled or copied into another process."""
        msg = "a Secret cannot be pickled"
        raise TypeError(msg)
