"""Elements of podcast feeds that are published as they came, for nothing else here stands for them.

Only those that the podcast namespace defines, and only if they have what it requires: what a feed of others
does wrong is not repeated in ours.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from feeds.model import Element
from feeds.parsers import _markup

Name = Callable[[Any], str]
"""Gives the name of an element with its usual prefix."""

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "itunes:block": (),
    "podcast:alternateEnclosure": ("type",),
    "podcast:contentLink": ("href",),
    "podcast:integrity": ("type", "value"),
    "podcast:license": (),
    "podcast:location": (),
    "podcast:remoteItem": ("feedGuid",),
    "podcast:socialInteract": ("protocol",),
    "podcast:soundbite": ("startTime", "duration"),
    "podcast:source": ("uri",),
    "podcast:txt": (),
    "podcast:value": ("type", "method"),
    "podcast:valueRecipient": ("type", "address", "split"),
    "podcast:valueTimeSplit": ("startTime", "duration"),
}
"""The attributes that an element cannot do without."""

_LABEL = 128
_LONGEST: Mapping[str, int] = {
    "podcast:contentLink": _LABEL,
    "podcast:license": _LABEL,
    "podcast:location": _LABEL,
    "podcast:txt": 4000,
}
"""Characters of those that cannot do without a text."""

_CHILDREN: Mapping[str, tuple[str, ...]] = {
    "podcast:alternateEnclosure": ("podcast:source", "podcast:integrity"),
    "podcast:value": ("podcast:valueRecipient", "podcast:valueTimeSplit"),
    "podcast:valueTimeSplit": ("podcast:remoteItem", "podcast:valueRecipient"),
}
"""Elements that may stand in another; the first of them has to."""

_OF_ITEMS = tuple(name for name in _REQUIRED if not any(name in inner for inner in _CHILDREN.values()))
_ONCE = frozenset({"itunes:block", "podcast:license"})
_ADDRESSES = frozenset({"href", "uri", "url"})
_MOST = 100
"""Elements of one name in one parent."""


def carried(item: Any, base: str | None, name_of: Name, length: float | None) -> Iterator[Element]:
    """Read these elements of an item, in the order of the namespace; relative addresses against `base`.

    `length` of the episode, in seconds, is what an excerpt has to lie within.
    """
    for name in _OF_ITEMS:
        nodes = [node for node in item if name_of(node) == name]
        read = (_read(node, name, base, name_of) for node in nodes[: 1 if name in _ONCE else _MOST])
        yield from (element for element in read if element and _lies_within(element, length))


def _read(node: Any, name: str, base: str | None, name_of: Name) -> Element | None:
    attributes = {
        key: (_markup.absolute(value, base) or "") if key in _ADDRESSES else value.strip()
        for key, value in node.attrib.items()
        if not key.startswith("{")
    }
    text = " ".join((node.text or "").split())
    allowed = _CHILDREN.get(name, ())
    children = tuple(
        read
        for child in list(node)[:_MOST]
        if (inner := name_of(child)) in allowed and (read := _read(child, inner, base, name_of))
    )
    is_sound = (
        all(attributes.get(key) for key in _REQUIRED[name])
        and (name not in _LONGEST or 0 < len(text) <= _LONGEST[name])
        and (not allowed or any(child.name == allowed[0] for child in children))
        and (name != "itunes:block" or text.lower() == "yes")
    )
    return (
        Element(name=name, text=text, attributes=tuple(attributes.items()), children=children)
        if is_sound
        else None
    )


def _lies_within(element: Element, length: float | None) -> bool:
    if element.name != "podcast:soundbite":
        return True
    attributes = dict(element.attributes)
    try:
        start, lasts = float(attributes["startTime"]), float(attributes["duration"])
    except ValueError:
        return False
    is_within = start >= 0 and lasts > 0 and (length is None or start + lasts <= length)
    return is_within and len(element.text) <= _LABEL
