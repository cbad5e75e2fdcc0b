"""Retrieval: which occupations a title that no authority lists most plausibly names.

Belongs here: the features of a title, the encoder and its training, the index of authority titles, the
calibration of what they say. Does not: exact matches, routes, policies, or any table's writing.

One static encoder does the work. A title's vector is the sum of its words' vectors (each the sum of a
pre-trained sub-word embedding, the word's own vector and its character n-grams), of its word pairs and of
its head word, put on the unit sphere. It is trained on every title and task of the warehouse to lie near
its occupations' prototypes, so that a score is one sparse and one dense matrix product.
"""
