"""Book -> artefacts. Each emitter is a pure function; only `duckdb` and `parquet` need files."""
