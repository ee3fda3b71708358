"""A memory that lasts as long as the test."""

from collections.abc import Collection, Iterable, Mapping

from feeds.verify.links import Record


class Remembered:
    def __init__(self) -> None:
        self.records: dict[str, Record] = {}

    def load(self, urls: Collection[str]) -> Mapping[str, Record]:
        return {url: self.records[url] for url in urls if url in self.records}

    def save(self, records: Iterable[Record]) -> None:
        self.records.update((record.url, record) for record in records)
