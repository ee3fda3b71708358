"""Turns lists of articles and pages of show notes into feeds people can subscribe to."""

__version__ = "0.1.0"
