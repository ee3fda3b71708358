"""What can go wrong. One root, and a subclass where a caller would act differently.

A bad item, a dead link or a broken rule is not an error but a `Finding`: it is data, and the work goes on.
"""

from collections.abc import Sequence

from feeds.model import Finding, Place


class FeedsError(Exception):
    """The work cannot go on. The message says what was found, what was expected and what to do."""

    def __init__(self, message: str, place: Place | None = None) -> None:
        """Say what went wrong, and where."""
        super().__init__(message, place)
        self.message = message
        self.place = place

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class ConfigError(FeedsError):
    """The configuration cannot be understood; `findings` holds every problem that was found."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Collect the problems of one configuration."""
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)

    def __reduce__(self) -> tuple[type["ConfigError"], tuple[tuple[Finding, ...]]]:
        return type(self), (self.findings,)


class SourceError(FeedsError):
    """A source cannot be read at all; its items of earlier builds stay as they are."""


class MissingError(SourceError):
    """There is nothing where a source should be; to ask again would not help."""


class LedgerError(FeedsError):
    """The ledger cannot be used; it is never overwritten."""


class SurpriseError(FeedsError):
    """Subscribers would be surprised: old items would look new, or a source is suddenly short."""


class TargetError(FeedsError):
    """A document cannot be put where it belongs."""


class MediaError(FeedsError):
    """An audio file or a picture cannot be used."""
