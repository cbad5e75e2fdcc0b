"""Good answers said in other words. Slots are filled from a task's key; every text holds all that is asked.

Belongs here: the wording. Does not: filling (`command`).

Slots of `reconcile`: `{c1}` to `{c3}` ids whose amounts differ with `{a1}` (first record), `{b1}` (second), `{d1}`
(difference), `{r1}` and `{s1}` (rows in M1 and M2), `{hi1}` (the record that is higher); `{lone}`, `{amt}`, `{rl}`;
`{net}`, `{ta}`, `{tb}` (totals), `{A}`, `{B}` (records), `{team}`.
"""

RECONCILE = (
    """\
# Findings
Four lines do not tie out. {c1} stands at {a1} in the {A} but {b1} in the {B} [M1:{r1}] [M2:{s1}]. {c2} is off by {d2} [M1:{r2}], and {c3} is off by {d3} [M1:{r3}]. {lone} ({amt}) has no counterpart in the {B}.
Overall the gap between the records comes to {net}.

# Checks
I re-added both records: {ta} in total against {tb}.

# Next step
{team}, please correct {c1}, {c2} and {c3} and tell us where {lone} went.
""",
    """\
Findings:
| id | {A} | {B} | difference |
| {c1} | {a1} | {b1} | {d1} |
| {c2} | {a2} | {b2} | {d2} |
| {c3} | {a3} | {b3} | {d3} |
| {lone} | {amt} | missing | {amt} |
Rows: {c1} M1:{r1}, {c2} M1:{r2}.
Net discrepancy: {net}

Checks:
- Sum of the {A}: {ta}

Next step:
- {team} to look into {lone} and to fix the three amounts, {c1} first.
""",
    """\
Findings. I went through every id. The amounts of {c1}, {c2} and {c3} disagree by {d1}, {d2} and {d3} respectively (M1 row {r1}, M1 row {r2} and M1 row {r3}). One entry, {lone} worth {amt}, is recorded only in the {A}. Taken together the difference is {net}.
Checks. Adding the {B} up gives {tb}.
Next step. We should ask {team} to straighten out {c2} before the month is closed.
""",
    """\
Findings
1. {c1} - {A} says {a1}, {B} says {b1}. Not the same. [M1:{r1}, M2:{s1}]
2. {c2} - {A} says {a2}, {B} says {b2}. Not the same. [M1:{r2}, M2:{s2}]
3. {c3} - {A} says {a3}, {B} says {b3}. Not the same. [M1:{r3}, M2:{s3}]
4. {lone} - {amt} in the {A}, nothing in the {B}, so it is missing there. [M1:{rl}]
Everything nets out at a difference of {net}.

Checks
My own total for the {A} is {ta}, for the {B} {tb}.

Next step
Could {team} please amend {c1} and {c3}, and confirm whether {lone} was ever sent?
""",
    """\
Findings
The following lines are wrong in one record or the other:
- {c1}: {d1} too much or too little ({a1} vs {b1}), see M1:{r1}
- {c2}: {d2} ({a2} vs {b2}), see M1:{r2}
- {c3}: {d3} ({a3} vs {b3}), see M1:{r3}
- {lone}: not found in the {B}, {amt}
All other lines agree.
The total variance is EUR {net}.

Checks
Cross-footed the {A}; it sums to {ta}.

Next step
I will send the list to {team} today so that they can adjust {c1}.
""",
    """\
Findings
There is a mismatch on {c1} (a gap of {d1}, [M1:{r1}]), another on {c2} (a gap of {d2}, [M1:{r2}]) and a third on {c3} (a gap of {d3}). Besides, the {B} lacks {lone}, an entry of {amt}. The net gap is {net}.

Checks
Total of {A} = {ta}; total of {B} = {tb}.

Next step
{team} needs to post {lone} and to correct {c2}.
""",
    """\
FINDINGS
{c1} does not agree. The {A} shows {a1}; the {B} shows {b1} [M1:{r1}].
{c2} does not agree. The {A} shows {a2}; the {B} shows {b2} [M1:{r2}].
{c3} does not agree. The {A} shows {a3}; the {B} shows {b3} [M1:{r3}].
{lone} appears only in the {A}, at {amt}.
The overall difference equals {net}.

CHECKS
I added the {B} up by hand and got {tb} in total.

NEXT STEP
Please have {team} clear up {c1}, {c2}, {c3} and {lone}.
""",
    """\
**Findings**
* {c1} is {d1} apart in the two records, which differ there [M1:{r1}; M2:{s1}].
* {c2} is {d2} apart, so the records differ [M1:{r2}; M2:{s2}].
* {c3} differs as well: {d3}.
* {lone} for {amt} exists in the {A} only; the {B} omits it.
* Altogether the records differ by {net}.

**Checks**
* The {A} adds up to {ta}.

**Next step**
* {team} should settle {lone} and {c3} by Friday.
""",
    """\
Findings: of all the lines, four are unmatched. For {c1} the discrepancy is {d1} (row {r1} of M1); for {c2} the discrepancy is {d2} (row {r2} of M1); for {c3} the discrepancy is {d3}; and {lone}, which is {amt}, was left out of the {B} and so is absent there. Net difference {net}.
Checks: {ta} is the sum of the {A} that I obtained.
Next step: forward {c1} and {lone} to {team} so the records can be corrected.
""",
    """\
Findings
I compared the {A} with the {B}. Three amounts conflict:
- {c1}, {a1} against {b1} [M1:{r1}]
- {c2}, {a2} against {b2} [M1:{r2}]
- {c3}, {a3} against {b3} [M1:{r3}]
One line is missing from the {B}:
- {lone}, {amt}
In sum the difference amounts to {net}.

Checks
The totals are {ta} and {tb}.

Next step
Request to {team}: correct {c1}, {c2}, {c3}; investigate {lone}.
""",
    """\
Findings
The model that I asked listed three mismatches and I found the fourth. {c1} is wrong by {d1} [M1:{r1}]. So is {c2}, which is wrong by {d2} [M1:{r2}]. The entry {c3} has an error of {d3}. And {lone}, {amt}, cannot be found in the {B} at all; it is missing. As a whole the discrepancy is {net} in total.

Checks
To be sure I summed the {B} again: {tb}.

Next step
I would like {team} to review {lone} and {c1}.
""",
    """\
Findings
{d1} is the difference on {c1} [M1:{r1}]. {d2} is the difference on {c2} [M1:{r2}]. {d3} is the difference on {c3}. The {B} is missing {lone} ({amt}). The sum of all differences, netted, is {net}.
Checks
Total per {A} {ta}, recomputed.
Next step
{team} gets {c1}, {c2}, {c3} and {lone} from me and has to correct the record that is wrong.
""",
)

CHECK_DRAFT = (
    """\
# Findings
Three statements are wrong. {e1} says {t1}, but the right figure is {v1} [{w1}]. {e2} says {t2}, but the right figure is {v2} [{w2}]. {e3} says {t3}, but the right figure is {v3}. The other statements are correct.

# Checks
I added up the {m3}: {total} in total.

# Next step
{team} must not send the draft before {e1}, {e2} and {e3} are corrected.
""",
    """\
Findings:
- {e1}: should be {v1} [{w1}]
- {e2}: should be {v2} [{w2}]
- {e3}: should be {v3}

Checks:
- total of {m3}: {total}

Next step:
- Ask {team} to replace {e1} and {e2}.
""",
    """\
Findings
Statement {n1} is incorrect; the table gives {v1} ({w1}). Statement {n2} is incorrect; the table gives {v2} ({w2}). Statement {n3} is incorrect; the table gives {v3}.

Checks
Summing the {m3} myself I got {total}.

Next step
Please tell {team} to hold the draft until statement {n1} has been revised.
""",
    """\
Findings
| statement | draft | correct value |
| {e1} | {t1} | {v1} |
| {e2} | {t2} | {v2} |
| {e3} | {t3} | {v3} |
Sources: {e1} [{w1}], {e2} [{w2}].

Checks
The {m3} sum to {total}.

Next step
I will return the draft to {team} with {e1}, {e2} and {e3} marked.
""",
    """\
FINDINGS: {e1} is overstated or understated: it reads {t1} instead of {v1} [{w1}]. {e2} reads {t2} instead of {v2} [{w2}]. {e3} reads {t3} instead of {v3}.
CHECKS: all {m3} together: {total} (sum of the column).
NEXT STEP: {team} should change {e2} and the other two before anything is sent.
""",
    """\
Findings
The draft has three errors.
1. {e1} - error. It gives {t1}; I compute {v1}. [{w1}]
2. {e2} - error. It gives {t2}; I compute {v2}. [{w2}]
3. {e3} - error. It gives {t3}; I compute {v3}.

Checks
Recomputed the sum of the {m3}, which is {total}.

Next step
Could {team} amend {e3} and let me see the draft again?
""",
    """\
Findings
I reworked all eight statements from the table. {e1}, {e2} and {e3} do not hold: they should read {v1}, {v2} and {v3} respectively. See [{w1}] for {e1} and [{w2}] for {e2}.

Checks
Adding the last column ({m3}) gives {total}.

Next step
My request to {team} is to correct {e1} first.
""",
    """\
Findings
- {e1} does not match the table, which yields {v1} rather than {t1} [{w1}].
- {e2} does not match the table, which yields {v2} rather than {t2} [{w2}].
- {e3} does not match the table, which yields {v3} rather than {t3}.
- The rest matches.

Checks
- {m3}, added together: {total}

Next step
- Have {team} fix the three statements ({e1}, {e2}, {e3}) and only then send it.
""",
    """\
Findings. {v1} is what {e1} should say [{w1}]. {v2} is what {e2} should say [{w2}]. {v3} is what {e3} should say. Nothing else is wrong.
Checks. In total there were {total} {m3}.
Next step. We need to pull the draft from {team} and correct {e1}.
""",
    """\
Findings
{e1} is mistaken. It claims {t1}. The actual number is {v1} [{w1}].
{e2} is mistaken. It claims {t2}. The actual number is {v2} [{w2}].
{e3} is mistaken. It claims {t3}. The actual number is {v3}.

Checks
{m3} altogether: {total}.

Next step
{team}: please update {e1}, {e2}, {e3}.
""",
    """\
Findings
Of the eight sentences, those that contradict the table are:
- {e1} ({t1} vs {v1}), [{w1}]
- {e2} ({t2} vs {v2}), [{w2}]
- {e3} ({t3} vs {v3})

Checks
I computed the sum of {m3} as well: {total}.

Next step
Next I inform {team} that {e2} has to be rewritten.
""",
    """\
Findings
{e1} is off by some: {v1} would be right, not {t1} [{w1}]; {e2} is off too: {v2} would be right, not {t2} [{w2}]; and {e3} is off: {v3} would be right, not {t3}.

Checks
As a control I totalled the {m3}, {total}.

Next step
{team} has to withdraw {e1} and put the right figure in.
""",
)

BRIEF = (
    """\
# Findings
{open} items are open and take {minutes} minutes together. Message and list disagree on three dates: {c1} is due {da1} by the list and {db1} by the message [M1:{r1}, M2:{s1}]; {c2} is due {da2} by the list and {db2} by the message [M1:{r2}, M2:{s2}]; {c3} is due {da3} by the list and {db3} by the message.

# Checks
I counted the open rows and added their minutes.

# Next step
{team} has to settle the dates of {c1}, {c2} and {c3}.
""",
    """\
Findings:
- open items: {open}
- open minutes: {minutes}
- {c1}: {da1} in the list, {db1} in the message, so they differ [M1:{r1}]
- {c2}: {da2} in the list, {db2} in the message, so they differ [M1:{r2}]
- {c3}: {da3} in the list, {db3} in the message, so they differ

Checks:
- recounted

Next step:
- Please ask {team} which date of {c1} is right.
""",
    """\
Findings
There are {open} outstanding items with a workload of {minutes} minutes.
The dates conflict here:
| id | list | message |
| {c1} | {da1} | {db1} |
| {c2} | {da2} | {db2} |
| {c3} | {da3} | {db3} |
Rows: {c1} is M1:{r1}, {c2} is M1:{r2}.

Checks
Sum recomputed twice.

Next step
I will confirm {c1}, {c2} and {c3} with {team}.
""",
    """\
Findings. {open} items remain open. Together they need {minutes} minutes of work. According to the message {c1} falls on {db1}, but the list says {da1} [M1:{r1}]. For {c2} the message gives {db2} instead of {da2} [M1:{r2}]. For {c3} it gives {db3} instead of {da3}.
Checks. Only rows that are open were added.
Next step. Could {team} clarify the due date of {c2}, please?
""",
    """\
FINDINGS
Open: {open}
Minutes of the open ones: {minutes}
Wrong in the message: {c1} (says {db1}, should be {da1}) [M2:{s1}]
Wrong in the message: {c2} (says {db2}, should be {da2}) [M2:{s2}]
Wrong in the message: {c3} (says {db3}, should be {da3})

CHECKS
Counted by status.

NEXT STEP
{team} should tell us whether the list or the message holds for {c1}.
""",
    """\
Findings
We have {open} open items, {minutes} minutes in all. Three of the dates in the message do not match the list:
1. {c1} - {da1} versus {db1} [M1:{r1}; M2:{s1}]
2. {c2} - {da2} versus {db2} [M1:{r2}; M2:{s2}]
3. {c3} - {da3} versus {db3}

Checks
I summed the minutes again.

Next step
Send {c1}, {c2} and {c3} to {team} and have the dates corrected.
""",
    """\
Findings
The list shows {open} open items that take {minutes} minutes. {c1} has two dates, {da1} and {db1}, which is a discrepancy (M1 row {r1}). {c2} has two dates, {da2} and {db2}, which is a discrepancy (M1 row {r2}). {c3} has two dates, {da3} and {db3}, also a discrepancy.

Checks
Done items were left out.

Next step
{team}, please resolve {c3} first.
""",
    """\
**Findings**
* {open} items still open
* {minutes} minutes of work left in them
* {c1}: list {da1}, message {db1} - mismatch [M1:{r1}]
* {c2}: list {da2}, message {db2} - mismatch [M1:{r2}]
* {c3}: list {da3}, message {db3} - mismatch

**Checks**
* compared each date with the list

**Next step**
* {team} to decide on {c1}, {c2}, {c3}
""",
    """\
Findings
{c1} is not due on {db1} as the message has it; the list has {da1} [M1:{r1}]. {c2} is not due on {db2} as the message has it; the list has {da2} [M1:{r2}]. {c3} is not due on {db3} as the message has it; the list has {da3}. The open items number {open}, and their minutes add up to {minutes}.

Checks
I went over the status column.

Next step
The dates of {c1} and {c3} need to be cleared with {team}.
""",
    """\
Findings: the message is out of date for {c1}, which differs ({db1}; list: {da1}, [M1:{r1}]), for {c2}, which differs ({db2}; list: {da2}, [M1:{r2}]) and for {c3}, which differs ({db3}; list: {da3}). Pending items: {open}. Pending time: {minutes} min.
Checks: minutes of the pending items only.
Next step: I ask {team} to confirm {c1}, {c2} and {c3}.
""",
    """\
Findings
{c1}'s date is inconsistent, hence wrong somewhere: {da1} and {db1} [M1:{r1}].
{c2}'s date is inconsistent, hence wrong somewhere: {da2} and {db2} [M1:{r2}].
{c3}'s date is inconsistent, hence wrong somewhere: {da3} and {db3}.
Number of unfinished items: {open}. Effort for them: {minutes} minutes.

Checks
Verified the number by hand.

Next step
Let {team} say which date of {c2} stands.
""",
    """\
Findings
Open work amounts to {open} items. It takes {minutes} minutes of time. The message contradicts the list on {c1} ({da1} against {db1}) [M1:{r1}], it contradicts the list on {c2} ({da2} against {db2}) [M1:{r2}], and it contradicts the list on {c3} ({da3} against {db3}).

Checks
I excluded what is done.

Next step
Raise {c1} with {team} today.
""",
)

DELEGATE = (
    """\
# Findings
- Automate {u1}: {wu1} minutes a week, rule {ra} [M1:{ru1}]
- Automate {u2}: {wu2} minutes a week, rule {ra} [M1:{ru2}]
- Delegate {g1} under review: {wg1} minutes a week, rule {rd}
- Delegate {g2} under review: {wg2} minutes a week, rule {rd}
- Keep {k1} with people, rule {rk}
- Keep {k2} with people, rule {rk}
That frees {freed} minutes a week.

# Checks
Cases times minutes, worked out for each step.

# Next step
I ask {team} to set up {u1}.
""",
    """\
Findings
{u1} can be automated because rule {ra} allows it [M1:{ru1}]. {u2} can be automated because rule {ra} allows it [M1:{ru2}]. {g1} should be delegated to a model, {wg1} minutes a week. {g2} should be delegated to a model, {wg2} minutes a week. {k1} must be kept with people because of {rk}. {k2} must be kept with people because of {rk}.
In all we save {freed} minutes every week.

Checks
I multiplied cases by minutes.

Next step
{team} should start with {u1} and {u2}.
""",
    """\
Findings:
Automate:
- {u1} ({wu1} min) [M1:{ru1}]
- {u2} ({wu2} min) [M1:{ru2}]
Delegate:
- {g1} ({wg1} min)
- {g2} ({wg2} min)
Keep:
- {k1} ({rk})
- {k2} ({rk})
Freed in all: {freed} minutes.

Checks:
- recomputed

Next step:
- Please have {team} set up {u1}, {u2}, {g1} and {g2}.
""",
    """\
Findings
| step | decision | weekly minutes |
| {u1} | automate | {wu1} |
| {u2} | automate | {wu2} |
| {g1} | delegate with review | {wg1} |
| {g2} | delegate with review | {wg2} |
| {k1} | keep | {wk1} |
| {k2} | keep | {wk2} |
Rows: {u1} M1:{ru1}, {u2} M1:{ru2}.
Minutes freed each week: {freed}

Checks
Products checked twice.

Next step
Could {team} implement {u1} and {g1} first?
""",
    """\
FINDINGS. Step {un1} may run unattended under {ra} [M1:{ru1}]. Step {un2} may run unattended under {ra} [M1:{ru2}]. Step {gn1} goes to a model and a person reviews each result, {rd}. Step {gn2} goes to a model and a person reviews each result, {rd}. Step {kn1} stays with people, {rk}. Step {kn2} stays with people, {rk}. The gain is {freed} minutes a week.
CHECKS. I took 40 percent off for the reviews.
NEXT STEP. {team} is asked to build step {un1}.
""",
    """\
Findings
{u1} and {u2} can be automated under rule {ra} (M1 rows {ru1} and {ru2}). {g1} and {g2} can be delegated under rule {rd}. {k1} and {k2} have to be kept under rule {rk}. The time saved is {freed} minutes weekly.

Checks
The minutes follow from cases and minutes a case.

Next step
Request: {team} to configure {u1} and {u2}.
""",
    """\
**Findings**
* {u1}: automation, {wu1} minutes [M1:{ru1}]
* {u2}: automation, {wu2} minutes [M1:{ru2}]
* {g1}: delegation, {wg1} minutes, 40% of them left for the review of results
* {g2}: delegation, {wg2} minutes, 40% of them left for the review of results
* {k1}: stays manual, {rk}
* {k2}: stays manual, {rk}
* Minutes released a week: {freed}

**Checks**
* all six products worked out

**Next step**
* send {u1} and {g1} to {team} to be enabled
""",
    """\
Findings
Under {ra} we automate {u1} [M1:{ru1}]. Under {ra} we automate {u2} [M1:{ru2}]. Under {rd} we delegate {g1}. Under {rd} we delegate {g2}. Under {rk} we keep {k1}. Under {rk} we keep {k2}. Altogether {freed} minutes are freed.

Checks
Checked against the rules one by one.

Next step
We need {team} to switch {u1} on.
""",
    """\
Findings
For {u1} I propose to automate it ({wu1} minutes a week) [M1:{ru1}].
For {u2} I propose to automate it ({wu2} minutes a week) [M1:{ru2}].
For {g1} I propose to delegate it ({wg1} minutes a week).
For {g2} I propose to delegate it ({wg2} minutes a week).
For {k1} I propose to keep it in people's hands ({rk}).
For {k2} I propose to keep it in people's hands ({rk}).
The proposal saves {freed} minutes of work a week.

Checks
Nothing that cannot be undone is given away.

Next step
Ask {team} to set up {u2}.
""",
    """\
Findings: automate {u1} ({wu1} min, [M1:{ru1}]) and {u2} ({wu2} min, [M1:{ru2}]); delegate {g1} ({wg1} min) and {g2} ({wg2} min); keep {k1} ({rk}) and {k2} ({rk}). This would free {freed} minutes.
Checks: each product recomputed.
Next step: {team} should approve and set up {u1}.
""",
    """\
Findings
{u1} needs nobody: let it run without anyone, {wu1} minutes [M1:{ru1}].
{u2} needs nobody: let it run without anyone, {wu2} minutes [M1:{ru2}].
{g1} is work for a model whose output a person reviews, so delegate it, {wg1} minutes.
{g2} is work for a model whose output a person reviews, so delegate it, {wg2} minutes.
{k1} cannot be undone, keep it, {rk}.
{k2} cannot be undone, keep it, {rk}.
Saving: {freed} minutes a week.

Checks
40% stays for the reviews.

Next step
{team} must set up {u1} and leave {k1} alone.
""",
    """\
Findings
Rule {ra} covers {u1}, so I would automate that step [M1:{ru1}]. Rule {ra} covers {u2}, so I would automate that step [M1:{ru2}]. Rule {rd} covers {g1}, so I would delegate that step. Rule {rd} covers {g2}, so I would delegate that step. Rule {rk} covers {k1}, so I would keep that step. Rule {rk} covers {k2}, so I would keep that step. We would gain {freed} minutes.

Checks
All six steps have a rule.

Next step
Please let {team} know that {u1} can be built.
""",
)
DEVELOPED = {"reconcile": RECONCILE, "check_draft": CHECK_DRAFT, "brief": BRIEF, "delegate": DELEGATE}

# Written after the evaluator was done, and read by it once before anything was mended: see the benchmark.
HELD_OUT: dict[str, tuple[str, ...]] = {
    "reconcile": (
        """\
Findings

Going line by line through the {A} and the {B}, I noticed the following.

{c1}: {A} {a1} / {B} {b1}, i.e. {d1} apart - the two disagree [M1:{r1}]
{c2}: {A} {a2} / {B} {b2}, i.e. {d2} apart - the two disagree [M1:{r2}]
{c3}: {A} {a3} / {B} {b3}, i.e. {d3} apart - the two disagree [M1:{r3}]
{lone}: {amt}, booked once only; the {B} has no such line.

Net of everything, the records differ by {net}.

Checks

{ta} is what the {A} totals.

Next step

Would {team} kindly correct {c1} through {c3} and chase {lone}?
""",
        """\
1) Findings
a) Wrong amounts. {c1} is {d1} out [M1:{r1}], {c2} is {d2} out [M1:{r2}] and {c3} is {d3} out.
b) Missing line. {lone} never made it into the {B} ({amt}).
c) The combined gap is {net}.
2) Checks
The {B} was summed up anew and gives {tb}.
3) Next step
{team} to be asked for a correction of {c2} and a copy of {lone}.
""",
        """\
Findings
The month cannot be closed yet, since four ids are not reconciled: {c1} ({a1} in one record, {b1} in the other, [M1:{r1}]), {c2} ({a2} in one record, {b2} in the other, [M1:{r2}]), {c3} ({a3} in one record, {b3} in the other) and {lone} ({amt}, only in the {A}).
The overall variance works out at {net}.

Checks
Totals: {A} {ta}, {B} {tb}.

Next step
I propose that {team} reviews {c1} and {lone} and reports back.
""",
        """\
Findings
We are {net} apart in total, which is the net difference. It has four causes:
  - {c1}: {a1} should match {b1}, but does not [M1:{r1}]
  - {c2}: {a2} should match {b2}, but does not [M1:{r2}]
  - {c3}: {a3} should match {b3}, but does not [M1:{r3}]
  - {lone}: {amt} is unmatched

Checks
I used a second tool to add up the {A}: {ta}.

Next step
Pass all four to {team} for correction, {c1} being the most urgent.
""",
        """\
Findings
Where {c1} is concerned, the records are at odds: {a1} here, {b1} there, a delta of {d1} [M1:{r1}]. The same goes for {c2} ({d2}) [M1:{r2}] and for {c3} ({d3}). As for {lone}, I could not trace its {amt} in the {B}.
In total, the net gap equals {net}.

Checks
By my own addition the {A} sums to {ta}.

Next step
May I ask {team} to put {c1} right?
""",
    ),
    "check_draft": (
        """\
Findings

Not every statement survives a look at the table:

{e1} -> {t1} is wrong, {v1} is right [{w1}]
{e2} -> {t2} is wrong, {v2} is right [{w2}]
{e3} -> {t3} is wrong, {v3} is right

Checks

The total of all {m3} comes to {total}.

Next step

Let us stop {team} from sending it until {e1} is repaired.
""",
        """\
Findings
The model slipped three times: in {e1} (wrote {t1}, table says {v1}) [{w1}], in {e2} (wrote {t2}, table says {v2}) [{w2}] and in {e3} (wrote {t3}, table says {v3}).

Checks
{total} {m3} in all, added up by me.

Next step
{team} has to be told that {e2} and {e3} change.
""",
        """\
Findings
- {e1} needs to be {v1} rather than {t1} [{w1}]
- {e2} needs to be {v2} rather than {t2} [{w2}]
- {e3} needs to be {v3} rather than {t3}
- no objection to the remaining five

Checks
- the {m3} total {total}

Next step
- {team} to swap the figures in {e1}, {e2}, {e3} and re-send the draft to me
""",
        """\
Findings
Five of eight statements are confirmed by the table. The three others are not: for {e1} I arrive at {v1} [{w1}], for {e2} I arrive at {v2} [{w2}], and for {e3} I arrive at {v3}.

Checks
Column sum for {m3}: {total}.

Next step
Next, {team} should receive my corrections to {e1}, {e2} and {e3}.
""",
        """\
Findings
Statement {n1}: false. Correct: {v1}. Source: {w1}.
Statement {n2}: false. Correct: {v2}. Source: {w2}.
Statement {n3}: false. Correct: {v3}.

Checks
Sum of {m3}: {total}.

Next step
Please, {team}, do not send before statement {n1} is fixed.
""",
    ),
    "brief": (
        """\
Findings

- Still open: {open} items
- Time they will take: {minutes} minutes
- Dates to be cleared up, because list and message diverge:
  - {c1} ({da1} / {db1}) [M1:{r1}]
  - {c2} ({da2} / {db2}) [M1:{r2}]
  - {c3} ({da3} / {db3})

Checks

Went through the status column twice.

Next step

Ask {team} about {c1}, {c2} and {c3}.
""",
        """\
Findings
Of everything on the list, {open} items are open; doing them takes {minutes} minutes. {c1}: the list has {da1}, whereas the message has {db1} [M1:{r1}]. {c2}: the list has {da2}, whereas the message has {db2} [M1:{r2}]. {c3}: the list has {da3}, whereas the message has {db3}.

Checks
Minutes of done items are left out.

Next step
{team} needs to decide which dates apply for {c1} and {c2}.
""",
        """\
Findings
{open} open. {minutes} minutes open.
Date clashes (list first, then message), all of them wrong in one of the two: {c1} {da1}, {db1} [M1:{r1}]; {c2} {da2}, {db2} [M1:{r2}]; {c3} {da3}, {db3}.

Checks
Compared every date.

Next step
Please let {team} confirm {c1}.
""",
        """\
Findings
The work still outstanding is {open} items, or {minutes} minutes. The message has the wrong day for {c1} ({db1}; it is {da1} on the list [M1:{r1}]). The message has the wrong day for {c2} ({db2}; it is {da2} on the list [M1:{r2}]). The message has the wrong day for {c3} ({db3}; it is {da3} on the list).

Checks
Everything that is done was skipped.

Next step
We have to agree on {c1}, {c2} and {c3} with {team}.
""",
        """\
Findings
How many are open? {open}. How many minutes do the open ones take? {minutes}.
Which dates do not fit? {c1} has {da1} and {db1}, {c2} has {da2} and {db2}, {c3} has {da3} and {db3}; in each case the two differ. Rows: {c1} [M1:{r1}], {c2} [M1:{r2}].

Checks
Counted again from the bottom up.

Next step
A short question to {team}: is {c1} due on {da1}?
""",
    ),
    "delegate": (
        """\
Findings

To automate: {u1} ({wu1} minutes, [M1:{ru1}]) and {u2} ({wu2} minutes, [M1:{ru2}]).
To delegate: {g1} ({wg1} minutes) and {g2} ({wg2} minutes).
To keep: {k1} ({rk}) and {k2} ({rk}).
Minutes saved per week: {freed}.

Checks

Worked out per step.

Next step

{team} starts with {u1}; please set it up.
""",
        """\
Findings
The rules leave little room. {u1} falls under {ra}, hence automate [M1:{ru1}]. {u2} falls under {ra}, hence automate [M1:{ru2}]. {g1} falls under {rd}, hence delegate. {g2} falls under {rd}, hence delegate. {k1} falls under {rk}, hence keep. {k2} falls under {rk}, hence keep. All in all {freed} minutes are saved each week.

Checks
I recomputed the minutes.

Next step
Kindly ask {team} to enable {u1} and {u2}.
""",
        """\
Findings
- {k1} and {k2} stay with people ({rk}).
- {g1} and {g2} are delegated with human review ({rd}).
- {u1} and {u2} are automated ({ra}), see M1:{ru1} and M1:{ru2}.
- Freed: {freed} minutes.

Checks
- Reviews cost 40%.

Next step
- {team} sets up {u1}, then {u2}.
""",
        """\
Findings
We could let {u1} run on its own, which is {wu1} minutes a week [M1:{ru1}]. We could let {u2} run on its own, which is {wu2} minutes a week [M1:{ru2}]. A model could prepare {g1} and a person reviews it, {wg1} minutes. A model could prepare {g2} and a person reviews it, {wg2} minutes. {k1} is to remain with the team, {rk}. {k2} is to remain with the team, {rk}. This releases {freed} minutes.

Checks
Cases were multiplied by minutes.

Next step
{team} should be asked to build {u1}.
""",
        """\
Findings
{u1}: yes, automate. {wu1} minutes. [M1:{ru1}]
{u2}: yes, automate. {wu2} minutes. [M1:{ru2}]
{g1}: delegate. {wg1} minutes.
{g2}: delegate. {wg2} minutes.
{k1}: no, keep. {rk}.
{k2}: no, keep. {rk}.
Gain: {freed} minutes a week.

Checks
Done by hand.

Next step
Tell {team} to implement {u1} and {u2}.
""",
    ),
}

# A second set, written after the first was read and what it found mended; read once likewise.
HELD_OUT_LATER: dict[str, tuple[str, ...]] = {
    "reconcile": (
        """\
Findings
In short, the {A} is not what the {B} is.
> {c1}: recorded at {a1} and at {b1} [M1:{r1}; M2:{s1}]
> {c2}: recorded at {a2} and at {b2} [M1:{r2}; M2:{s2}]
> {c3}: recorded at {a3} and at {b3} [M1:{r3}; M2:{s3}]
> {lone}: recorded once, at {amt}
Bottom line: the overall gap is {net}.

Checks
The {B} comes to {tb} in total if one adds all its lines.

Next step
{team} will have to look at {c1} and {lone} first; I have written to them.
""",
        """\
Findings
The four culprits are {c1}, {c2}, {c3} and {lone}. With {c1} we are {d1} apart [M1:{r1}], with {c2} we are {d2} apart [M1:{r2}], with {c3} we are {d3} apart, and {lone} of {amt} has nothing opposite it. The net of all this is a {net} difference.

Checks
{ta}: that is the sum I get for the {A}.

Next step
Let {team} explain {lone} and change {c1}.
""",
        """\
Findings:
1. The {B} has no line for {lone}, worth {amt}.
2. {c3}: {b3} where {a3} was expected (M1:{r3}).
3. {c2}: {b2} where {a2} was expected (M1:{r2}).
4. {c1}: {b1} where {a1} was expected (M1:{r1}).
Net effect: a discrepancy of {net}.
Checks: grand total of the {A} {ta}.
Next step: {team} takes over; {c3} and {c2} are to be adjusted, {lone} to be found.
""",
    ),
    "check_draft": (
        """\
Findings
I would not sign off {e1}, {e2} and {e3}. By the table {e1} comes to {v1} [{w1}], {e2} comes to {v2} [{w2}] and {e3} comes to {v3}.

Checks
There are {total} {m3} in total.

Next step
{team}, please take {e1}, {e2} and {e3} out for now.
""",
        """\
Findings
* {e2}: the draft's {t2} turns into {v2} once one does the sum [{w2}]
* {e1}: the draft's {t1} turns into {v1} once one does the sum [{w1}]
* {e3}: the draft's {t3} turns into {v3} once one does the sum

Checks
* {m3}: {total} altogether

Next step
* I send {e1} to {e3} back to {team} and ask for a new draft
""",
        """\
Findings
Having gone through the draft, I object to three points. Point {n1} is given as {t1}; it ought to be {v1} ({w1}). Point {n2} is given as {t2}; it ought to be {v2} ({w2}). Point {n3} is given as {t3}; it ought to be {v3}.

Checks
My sum of {m3} is {total}.

Next step
Someone at {team} has to rewrite point {n2}.
""",
    ),
    "brief": (
        """\
Findings
Open: {open} items, {minutes} minutes.
Which day is it? {c1}: {da1} or {db1} [M1:{r1}]. {c2}: {da2} or {db2} [M1:{r2}]. {c3}: {da3} or {db3}.

Checks
List and message put side by side.

Next step
{team} is asked to settle all three, starting with {c1}.
""",
        """\
Findings
You inherit {open} items that are still open, about {minutes} minutes of work. Do not trust the message on {c1} (it has {db1}, the list {da1}) [M1:{r1}], on {c2} (it has {db2}, the list {da2}) [M1:{r2}] or on {c3} (it has {db3}, the list {da3}).

Checks
I left the done ones aside.

Next step
Check {c1}, {c2} and {c3} with {team} before you plan the week.
""",
        """\
Findings
- {minutes} minutes remain to be worked, on {open} open items
- {c3} is down for {da3}, yet the message puts it on {db3}
- {c1} is down for {da1}, yet the message puts it on {db1} [M1:{r1}]
- {c2} is down for {da2}, yet the message puts it on {db2} [M1:{r2}]

Checks
- dates compared one by one

Next step
- request {team} to put the dates of {c1} and {c3} straight
""",
    ),
    "delegate": (
        """\
Findings
Step by step: {u1} - automate, {wu1} minutes [M1:{ru1}]; {u2} - automate, {wu2} minutes [M1:{ru2}]; {g1} - delegate, {wg1} minutes; {g2} - delegate, {wg2} minutes; {k1} - keep, {rk}; {k2} - keep, {rk}. What we free is {freed} minutes a week.

Checks
Minutes multiplied out.

Next step
Hand {u1} and {u2} to {team} to be built.
""",
        """\
Findings
Nobody needs to touch {u1} and {u2} any more: automate both under {ra} (see M1:{ru1} and M1:{ru2}). With {g1} and {g2} a model does the work and we review it, {rd}. With {k1} and {k2} nothing changes; we keep doing them ourselves, {rk}. This saves {freed} minutes.

Checks
I checked the rule for each step.

Next step
{team} should configure {u1}.
""",
        """\
Findings
| | what | why |
| {u1} | automated | {ra} |
| {u2} | automated | {ra} |
| {g1} | delegated | {rd} |
| {g2} | delegated | {rd} |
| {k1} | kept | {rk} |
| {k2} | kept | {rk} |
Minutes saved: {freed}. For {u1} see M1:{ru1}, for {u2} see M1:{ru2}.

Checks
Two people computed it.

Next step
Ask {team} when {u1} can be set up.
""",
    ),
}
