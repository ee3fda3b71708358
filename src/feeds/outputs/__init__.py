"""How a feed is written: each format is one file."""
