"""From a verified file to a table that keeps its contract, one module a publisher's format.

`delimited`, `cells` and `workbook` read strictly and type cells; the others know a source. What belongs
here: rows as the source gives them. What does not: fetching, joining, or writing tables.
"""
