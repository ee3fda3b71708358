"""What search engines and apps read on a page: JSON-LD in the words of schema.org."""

from collections.abc import Sequence
from typing import Any

from feeds.dates import rfc3339
from feeds.model import Article, Entry, Episode, Feed, Person, Site
from feeds.outputs.pages.addresses import moment, subscriptions

Data = dict[str, Any]

_CONTEXT = {"@context": "https://schema.org"}


def of_site(site: Site) -> Data:
    """The front page: a `WebSite`."""
    return _CONTEXT | {
        "@type": "WebSite",
        "name": site.title,
        "url": site.base_url,
        "inLanguage": site.language,
        **_given(description=site.description),
    }


def of_feed(feed: Feed, entries: Sequence[Entry]) -> Data:
    """A page that lists entries of a feed: a `PodcastSeries`, or a `CollectionPage` of the first of them."""
    if feed.kind == "show":
        return _CONTEXT | _series(feed)
    newest = [_collected(entry) for entry in entries[:10]]
    return _CONTEXT | {
        "@type": "CollectionPage",
        "name": feed.title,
        "url": feed.url,
        "inLanguage": feed.language,
        **_given(description=feed.description, hasPart=newest),
    }


def of_entry(entry: Entry, feed: Feed) -> Data:
    """The page of an item: a `PodcastEpisode` or a `BlogPosting`."""
    item = entry.item
    data = _CONTEXT | {
        "@type": "PodcastEpisode" if isinstance(item, Episode) else "BlogPosting",
        "url": entry.url,
        "inLanguage": item.language or feed.language,
        **_given(
            description=item.summary,
            datePublished=item.published and rfc3339(item.published),
            dateModified=item.updated and rfc3339(item.updated),
            image=item.image or feed.image,
            author=[_person(author) for author in item.authors],
            keywords=[topic.title for topic in entry.topics],
        ),
    }
    return data | (_episode(entry, item, feed) if isinstance(item, Episode) else _article(item))


def _episode(entry: Entry, item: Episode, feed: Feed) -> Data:
    media = item.media
    return {
        "name": item.title,
        "partOfSeries": _series(feed),
        **_given(
            episodeNumber=item.number,
            actor=[_person(person) for person in item.persons],
            associatedMedia=media
            and {
                "@type": "AudioObject",
                "contentUrl": media.url,
                "encodingFormat": media.type,
                **_given(
                    contentSize=media.size and str(media.size),
                    duration=media.duration and f"PT{round(media.duration)}S",
                ),
            },
            hasPart=[
                {
                    "@type": "Clip",
                    "name": chapter.title,
                    "startOffset": chapter.start,
                    "url": f"{entry.url}#{moment(chapter.start)}",
                }
                for chapter in item.chapters
                if chapter.title
            ],
        ),
    }


def _article(item: Article) -> Data:
    return {
        "headline": item.title,
        **_given(
            publisher=item.publisher and {"@type": "Organization", "name": item.publisher},
            timeRequired=item.minutes and f"PT{item.minutes}M",
        ),
    }


def _series(feed: Feed) -> Data:
    web_feed = next((form.url for form in subscriptions(feed)), None)
    return {
        "@type": "PodcastSeries",
        "name": feed.title,
        "url": feed.url,
        "inLanguage": feed.language,
        **_given(
            description=feed.description,
            webFeed=web_feed,
            image=feed.image,
            author=feed.author and {"name": feed.author},
        ),
    }


def _collected(entry: Entry) -> Data:
    """An item in a list: enough to find it."""
    item = entry.item
    name = "name" if isinstance(item, Episode) else "headline"
    return {
        "@type": "PodcastEpisode" if isinstance(item, Episode) else "BlogPosting",
        name: item.title,
        "url": entry.url,
        **_given(datePublished=item.published and rfc3339(item.published)),
    }


def _person(person: Person) -> Data:
    return {"@type": "Person", "name": person.name, **_given(url=person.url, image=person.image)}


def _given(**values: object) -> Data:
    """Leave out what is not known."""
    return {name: value for name, value in values.items() if value}
