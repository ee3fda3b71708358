"""JSON as a stream of parts: every member of `items` whole, then the document without them.

The standard library's parser knows no lines, keeps the last of two equal keys silently and needs the
whole text at once; rules need the first two and large feeds the third.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from feeds.verify.xmltree import BrokenError

MAX_DEPTH = 100
MAX_TOKEN = 1 << 24
"""Characters of one string."""
MAX_NODES = 200_000
"""Values of one part."""

_CHUNK = 1 << 16
_LARGEST = 1e300
_SPACE = re.compile(r"[ \t\r\n]*+")
_TOKEN = re.compile(
    r"""[{}\[\],:]|"(?:[^"\\\x00-\x1f]++|\\.)*+"|-?\d[\d.eE+-]*+|true|false|null|NaN|-?Infinity""", re.DOTALL
)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\Z")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS: dict[str, bool | float | None] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}

Scalar = str | int | float | bool | None


class Node:
    """One value with its place. `value` is a scalar, a dict of nodes or a list of nodes."""

    __slots__ = ("column", "key", "line", "parent", "scanned", "value")

    def __init__(
        self,
        value: "Scalar | dict[str, Node] | list[Node]",
        line: int,
        column: int,
        parent: "Node | None" = None,
        key: str | int = "",
    ) -> None:
        self.value = value
        self.line = line
        self.column = column
        self.parent = parent
        self.key = key
        """Its name in an object, or its number in an array, from 1."""
        self.scanned: object = None

    @property
    def path(self) -> str:
        """From the top, such as `/items[3]/id`."""
        if self.parent is None:
            return ""
        return self.parent.path + (f"[{self.key}]" if isinstance(self.key, int) else f"/{self.key}")

    def get(self, key: str) -> "Node | None":
        """Find the member of that name; `None` where there is none or this is not an object."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def string(self, key: str) -> str:
        """Text of the member of that name; empty if it is missing or no string."""
        member = self.get(key)
        return member.value if member is not None and isinstance(member.value, str) else ""

    def members(self, key: str) -> "list[Node]":
        """Find the values of the array of that name; none if it is missing or no array."""
        member = self.get(key)
        return member.value if member is not None and isinstance(member.value, list) else []

    @property
    def number(self) -> float | None:
        """The value if it is a number to count with, which `true`, `"5"`, NaN and 1e999 are not."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            return None
        return self.value if abs(self.value) < _LARGEST else None

    def walk(self) -> "Iterator[Node]":
        """This value and all below it."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            if isinstance(node.value, dict):
                waiting.extend(reversed(node.value.values()))
            elif isinstance(node.value, list):
                waiting.extend(reversed(node.value))


@dataclass(slots=True)
class JsonFacts:
    """What is known of the document as a whole once it has been read."""

    size: int = 0
    byte_order_mark: bool = False
    items: int = 0
    flaws: list[tuple[str, int, int]] = field(default_factory=list)
    """Message, line and column of what JSON leaves undefined: equal keys, NaN, Infinity."""


def parts(stream: BinaryIO, facts: JsonFacts) -> Iterator[Node]:
    """Read a document: each member of the top's `items` as it ends, and last the top without them.

    Raises `BrokenError` where the document cannot be read on.
    """
    tokens = _tokens(stream, facts)
    stack: list[Node] = []
    keys: list[str | None] = []
    top: Node | None = None
    count = 0
    expect = "value"
    for lexeme, line, column in tokens:
        if expect == "key" and lexeme.startswith('"'):
            keys[-1] = _unquote(lexeme, line, column)
            expect = "colon"
            continue
        if expect == "colon" and lexeme == ":":
            expect = "value"
            continue
        if lexeme == "," and expect == "next":
            expect = "key" if isinstance(stack[-1].value, dict) else "value"
            continue
        closing = lexeme in "}]"
        if closing and stack and _closes(lexeme, stack[-1], expect):
            node = stack.pop()
            keys.pop()
            if _streamed(stack):
                count = 0
                facts.items += 1
                yield node
            expect = "next" if stack else "end"
            continue
        if expect not in ("value", "first value") or closing or lexeme in ",:":
            raise BrokenError("JSF-01", f"unexpected {lexeme[:20]!r}", line, column)
        node = _node(lexeme, line, column, facts)
        count += 1
        if count > MAX_NODES or len(stack) >= MAX_DEPTH:
            raise BrokenError("JSF-01", "nested too deeply, or too many values in one item", line, column)
        if top is None:
            top = node
        else:
            _attach(node, stack, keys, facts)
        if not isinstance(node.value, dict | list) and _streamed(stack):
            facts.items += 1
            yield node
        if isinstance(node.value, dict | list):
            stack.append(node)
            keys.append(None)
            expect = "key" if isinstance(node.value, dict) else "first value"
        else:
            expect = "next" if stack else "end"
    if top is None or stack:
        raise BrokenError("JSF-01", "the document ends too early")
    yield top


def _closes(lexeme: str, node: Node, expect: str) -> bool:
    if isinstance(node.value, dict):
        return lexeme == "}" and (expect == "next" or (expect == "key" and not node.value))
    return lexeme == "]" and expect in ("next", "first value")


def _streamed(stack: list[Node]) -> bool:
    """Tell whether this is a member of the top's `items`, which is handed out and forgotten."""
    return len(stack) == 2 and stack[1].key == "items" and isinstance(stack[1].value, list)


def _attach(node: Node, stack: list[Node], keys: list[str | None], facts: JsonFacts) -> None:
    node.parent = parent = stack[-1]
    if isinstance(parent.value, list):
        streamed = _streamed(stack)
        node.key = facts.items + 1 if streamed else len(parent.value) + 1
        if not streamed:
            parent.value.append(node)
    elif isinstance(parent.value, dict):
        key = keys[-1] or ""
        node.key = key
        if key in parent.value and len(facts.flaws) < 100:
            facts.flaws.append((f"the key {key!r} occurs twice in one object", node.line, node.column))
        parent.value[key] = node


def _node(lexeme: str, line: int, column: int, facts: JsonFacts) -> Node:
    if lexeme == "{":
        return Node({}, line, column)
    if lexeme == "[":
        return Node([], line, column)
    if lexeme[0] == '"':
        return Node(_unquote(lexeme, line, column), line, column)
    if lexeme in _WORDS:
        if lexeme[-1] in "Ny" and len(facts.flaws) < 100:
            facts.flaws.append((f"{lexeme} is not a JSON value", line, column))
        return Node(_WORDS[lexeme], line, column)
    if len(lexeme) > 400 or not _NUMBER.match(lexeme):
        raise BrokenError("JSF-01", f"{lexeme[:20]!r} is not a number", line, column)
    return Node(float(lexeme) if set(lexeme) & set(".eE") else int(lexeme), line, column)


def _unquote(lexeme: str, line: int, column: int) -> str:
    if "\\" not in lexeme:
        return lexeme[1:-1]

    def plain(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        if found[2] not in _ESCAPED:
            raise BrokenError("JSF-01", f"unknown escape \\{found[2]}", line, column)
        return _ESCAPED[found[2]]

    text = _ESCAPE.sub(plain, lexeme[1:-1])
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _tokens(stream: BinaryIO, facts: JsonFacts) -> Iterator[tuple[str, int, int]]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    text, at, line, start = "", 0, 1, 0
    ended = False
    wanted = _CHUNK
    while True:
        space = _SPACE.match(text, at)
        assert space is not None
        if newlines := text.count("\n", at, space.end()):
            line += newlines
            start = text.rindex("\n", at, space.end()) + 1
        at = space.end()
        found = _TOKEN.match(text, at)
        if found and (found.end() < len(text) or ended):
            yield found[0], line, at - start + 1
            at = found.end()
            wanted = _CHUNK
            continue
        if ended:
            if at < len(text):
                raise BrokenError("JSF-01", f"unexpected {text[at : at + 20]!r}", line, at - start + 1)
            return
        if len(text) - at > MAX_TOKEN:
            raise BrokenError(
                "JSF-01", f"a string is longer than {MAX_TOKEN} characters", line, at - start + 1
            )
        if found is None and len(text) - at > 20 and text[at] != '"':
            raise BrokenError("JSF-01", f"unexpected {text[at : at + 20]!r}", line, at - start + 1)
        data = stream.read(wanted)
        wanted *= 2
        if not facts.size and data.startswith(b"\xef\xbb\xbf"):
            facts.byte_order_mark, data = True, data[3:]
            facts.size += 3
        facts.size += len(data)
        ended = not data
        try:
            text, start, at = text[at:] + decoder.decode(data, ended), start - at, 0
        except UnicodeDecodeError as error:
            raise BrokenError("JSF-01", f"the bytes are not UTF-8: {error}", line, 1) from error
