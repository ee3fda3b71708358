"""Proof that feeds and links work: rules over bytes, links over HTTP, reports of both."""
