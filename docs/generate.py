"""Renew the parts of the documentation that are made from tables: `make docs`."""

from pathlib import Path

from feeds.config import keys
from feeds.verify.rules.page import rules_page

ROOT = Path(__file__).parent.parent


def keys_table() -> str:
    """Every key of the configuration, as a Markdown table."""
    rows = (f"| `{key}` | {type_} | {default} | {meaning} |" for key, type_, default, meaning in keys())
    return "\n".join(("| key | value | default | meaning |", "|---|---|---|---|", *rows))


def between(text: str, mark: str, new: str) -> str:
    """Put new text between `<!-- mark -->` and `<!-- /mark -->`."""
    head, _, rest = text.partition(f"<!-- {mark} -->\n")
    _, _, tail = rest.partition(f"<!-- /{mark} -->")
    return f"{head}<!-- {mark} -->\n{new}\n<!-- /{mark} -->{tail}"


def main() -> None:
    """Write them."""
    readme = ROOT / "README.md"
    readme.write_text(between(readme.read_text("utf-8"), "keys", keys_table()), "utf-8")
    (ROOT / "docs" / "rules.md").write_text(rules_page(), "utf-8")


if __name__ == "__main__":
    main()
