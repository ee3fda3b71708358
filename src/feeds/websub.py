"""WebSub for a publisher: hubs are notified of feeds that changed (W3C WebSub; feed-requirements, I).

A hub fetches the feed, so it is notified only when the public address serves the new bytes. What a hub
accepted is noted in the ledger; other notices are sent again at the next call.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

from feeds.http import Answer, Client, Question
from feeds.ledger import Ledger
from feeds.model import Finding, Place

_TIMEOUT = 10.0
"""Seconds for one exchange."""

_PAUSE = 1.0
"""Seconds between two looks at addresses that do not serve the new bytes yet."""

_TOLD = "told hub"
"""Kind of note: the SHA-256 of the bytes that a hub was last notified of, by hub and topic."""

_ANSWERED = "hub answered"
"""Kind of note: status of a hub's last answer, and the form it was sent, by hub."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """A feed at its public address, as it is to be served."""

    url: str
    hash: str
    """SHA-256 of its bytes, hexadecimal."""
    size: int
    """Bytes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What came of notifying hubs."""

    notices: int
    """How many notices they accepted."""
    findings: tuple[Finding, ...]
    """Which notices failed, and why; they are sent again at the next call."""


def tell(
    hubs: Sequence[str],
    topics: Iterable[Topic],
    ledger: Ledger,
    *,
    patience: float = 60.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Told:
    """Notify each hub of each feed whose bytes differ from those it was last notified of.

    Waits until the feeds are served, at most `patience` seconds for each. What fails becomes a finding.
    """
    with closing(Client(timeout=_TIMEOUT, allow_private=True)) as client:
        return _Telling(client, ledger, hubs, patience, sleep).run([*topics])


def answers(ledger: Ledger) -> dict[str, tuple[int, str]] | None:
    """Status of each hub's last answer, and the form it was sent; `None` if none was ever notified."""
    return ledger.recall_all(_ANSWERED, tuple[int, str]) or None


class _Telling:
    """One call of `tell`."""

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        hubs: Sequence[str],
        patience: float,
        sleep: Callable[[float], None],
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._hubs = hubs
        self._patience = patience
        self._sleep = sleep
        self._told = ledger.recall_all(_TOLD, str)

    def run(self, topics: Sequence[Topic]) -> Told:
        self._forget({_key(hub, topic) for hub in self._hubs for topic in topics})
        due = [topic for topic in topics if any(self._is_due(hub, topic) for hub in self._hubs)]
        live, findings = self._wait_for(due)
        notices = 0
        for hub in self._hubs:
            mine = [topic for topic in live if self._is_due(hub, topic)]
            taken, failures = self._tell(hub, mine)
            notices += taken
            findings.extend(failures)
        return Told(notices=notices, findings=tuple(findings))

    def _is_due(self, hub: str, topic: Topic) -> bool:
        return self._told.get(_key(hub, topic)) != topic.hash

    def _forget(self, keys: set[str]) -> None:
        """Drop notes on hubs and feeds that are no longer there."""
        self._ledger.forget(_TOLD, self._told.keys() - keys)
        self._ledger.forget(_ANSWERED, (answers(self._ledger) or {}).keys() - set(self._hubs))

    def _wait_for(self, topics: Sequence[Topic]) -> tuple[list[Topic], list[Finding]]:
        """Wait until feeds are served as published. Gives those that are, and findings on the others."""
        live: list[Topic] = []
        waiting, reason = [*topics], ""
        deadline = time.monotonic() + self._patience
        while waiting:
            still: list[Topic] = []
            answers_at_all = True
            for topic in waiting:
                if not answers_at_all and time.monotonic() > deadline:
                    still.append(topic)
                    continue
                answer = self._client.ask(Question(url=topic.url, method="GET", wanted=topic.size + 1))
                if _is_live(answer, topic):
                    live.append(topic)
                    deadline = time.monotonic() + self._patience
                else:
                    still.append(topic)
                    answers_at_all = answer.code is not None
                    reason = f"{topic.url} {_said(answer) if answer.code != 200 else 'serves other bytes'}"
            waiting = still
            if waiting and time.monotonic() > deadline:
                return live, [_not_live(waiting, reason)]
            if waiting:
                self._sleep(_PAUSE)
        return live, []

    def _tell(self, hub: str, topics: Sequence[Topic]) -> tuple[int, list[Finding]]:
        """Notify a hub of feeds. One that is down or refuses more is left alone until the next call."""
        refused: list[tuple[Topic, str]] = []
        taken = 0
        for number, topic in enumerate(topics):
            form = urlencode({"hub.mode": "publish", "hub.url": topic.url, "hub.topic": topic.url})
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = self._client.ask(
                Question(url=hub, method="POST", headers=headers, body=form.encode(), wanted=_REASON)
            )
            self._note(hub, answer, form)
            if answer.code is not None and 200 <= answer.code < 300:
                self._ledger.note(_TOLD, {_key(hub, topic): topic.hash})
                taken += 1
                continue
            refused.append((topic, _said(answer)))
            if answer.code is None or answer.code == 429 or answer.code >= 500:
                refused.extend((left, "") for left in topics[number + 1 :])
                break
        return taken, [_not_told(hub, refused)] if refused else []

    def _note(self, hub: str, answer: Answer, form: str) -> None:
        if answer.code is None:
            self._ledger.forget(_ANSWERED, [hub])
        else:
            self._ledger.note(_ANSWERED, {hub: (answer.code, form)})


_REASON = 300
"""Bytes of an answer, which says why the hub did not take a notice."""


def _is_live(answer: Answer, topic: Topic) -> bool:
    return answer.code == 200 and not answer.fault and sha256(answer.body).hexdigest() == topic.hash


def _key(hub: str, topic: Topic) -> str:
    return f"{hub} {topic.url}"


def _said(answer: Answer) -> str:
    """What an answer says, in a few words."""
    if answer.code is None:
        return f"does not answer: {answer.detail or answer.fault}"
    reason = " ".join(answer.body.decode("utf-8", "replace").split()) if answer.code >= 400 else ""
    location = answer.headers.get("location", "") if 300 <= answer.code < 400 else ""
    said = f": {reason[:100]}" if reason and "<" not in reason else f" (to {location})" if location else ""
    return f"answers {answer.code}{said}"


def _not_live(topics: Sequence[Topic], reason: str) -> Finding:
    message = (
        f"{_counted(len(topics))} not served as published, so no hub was notified; the next "
        f"`feeds publish` tries again. Copy the output to where it is served. The last one: {reason}"
    )
    return Finding(level="error", rule="WSB-03", place=Place(source=topics[0].url), message=message)


def _not_told(hub: str, refused: Sequence[tuple[Topic, str]]) -> Finding:
    topic, said = refused[0]
    message = (
        f"the hub {said} when notified of {topic.url}; {_counted(len(refused))} sent again at the next "
        "`feeds publish`"
    )
    return Finding(level="error", rule="WSB-03", place=Place(source=hub), message=message)


def _counted(count: int) -> str:
    return "1 feed is" if count == 1 else f"{count} feeds are"
