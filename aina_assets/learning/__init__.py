"""Learning: assess, plan, practise, evaluate, record; the GDPval sandbox.

Belongs here: what a synthetic learner's title, readiness, goals and capacity become, each recommendation
traceable to source rows. Does not: building packets (`packets`), deciding gates (`gates`), the web
(`service`). Rooms: `assessing`, `planning`, `practice`, `evaluating`, `records`, `mastery`, `sandbox`,
`standards`; `edge` is the one way in for text that a person typed.
"""
