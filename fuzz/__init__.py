"""A fuzz harness for the parsers, to be run by hand."""
