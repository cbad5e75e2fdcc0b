"""The work intelligence graph, and the packets that say what a role is, with an origin for each fact.

What belongs here: the graph of titles, occupations, tasks, activities, technologies, signals and wages; role
and title packets and their contract; the gate that holds back a packet that is not sound; the review of what
packets say. What does not: which titles are served (titles and adjudication decide that), or learning.
"""
