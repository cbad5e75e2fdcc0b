"""Raw titles: identified, held against evidence, routed, put into batches, certified.

- `lexicon`, `phrases`, `cleaning`, `levels`, `seniority`, `words`, `segments`, `normalize`: a raw title's
  canonical form.

What belongs here: the inventory of titles, the evidence for each, its one route, the stable batches, and the
certificates of what is served. What does not: reading source files; those are the sources'. Reviewers'
decisions; those are the adjudication's.
"""
