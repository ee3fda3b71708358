"""The examples in the documentation of the modules hold."""

import doctest
import importlib
import pkgutil

import pytest

import feeds.verify.links

MODULES = [
    f"feeds.verify.links.{module.name}" for module in pkgutil.iter_modules(feeds.verify.links.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
