"""Measurements, side by side in one run: `python -m bench`, or `python -m bench build links` for some."""

import importlib
import pkgutil
import sys

import bench


def main(names: list[str]) -> None:
    """Run the named measurements, or all of them."""
    known = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name[0] != "_")
    if unknown := set(names) - set(known):
        sys.exit(f"no measurement {', '.join(sorted(unknown))}; expected some of {', '.join(known)}")
    for name in names or known:
        print(f"\n# {name}\n", flush=True)
        importlib.import_module(f"bench.{name}").main()


main(sys.argv[1:])
