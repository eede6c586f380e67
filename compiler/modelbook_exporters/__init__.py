"""The book's rows in other people's shapes: records in, plain data and JSON text out."""
