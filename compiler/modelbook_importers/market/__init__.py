"""The public catalogs of models: their files in, claims in our own words out."""
