"""The starter's generator: `data/starter/authored/` in, files in the upstream formats and their lock out.

One module an upstream publisher (`onet`, `economic_index`, `gdpval`, `bls`), `authored` and `rules` for
what goes in, `files` for what comes out, `workbook` for the one format that needs a writer. The same
content gives the same bytes, whatever the machine; only the Parquet file also depends on the pinned
pyarrow, so an upgrade of that means running the generator again.
"""
