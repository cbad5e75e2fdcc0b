"""The GDPval sandbox: real tasks beside the roles that they belong to, looked at and never taken out.

Belongs here: links to roles, the structure of rubrics, holds, showing a task's words on the screen. Does not:
practice that is evaluated (`practice`). What is written are ids, counts, digests and labels; a task's
words are read from the locked raw file when somebody looks, and written nowhere.
"""
