"""What a text is: each format is one file with one function, `parse`."""
