"""The book held against other price lists."""
