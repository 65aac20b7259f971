# platforms: slack discord
# From the intake to the close: commands take what is missing from the case, and their answers tick its steps off.
kim on $P types /case open acme ticket=SUP-1234 user=ada@acme.example symptom="admin API says 403"
expect kim on $P sees "Proposed: authorization. You decide."
kim chooses Authorization: signed in, but may not
expect kim on $P sees "Open a case for acme here?"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
expect channel support on $P sees "open a case for acme, ticket SUP-1234 (authorization)"
joe on $P types /case open globex ticket=SUP-1235 class=webhook
expect joe on $P sees "A case lives here already"
# Another person works on in the same channel, without typing the customer again.
joe types /seqn admin-access
expect joe on $P sees "ada@acme.example has what admin actions in acme need."
kim types /case show
expect kim on $P sees "2. done by joe: Look at the person's role"
expect kim on $P sees "1. TO DO: The customer's /v1/me names the person"
kim types /case close "it was the browser"
expect kim on $P sees "is not done: 3 steps left."
kim types /case note "me names Ada, says the customer" step=1
kim presses Confirm
kim types /case note "nothing of the log belongs to it" step=4 as=skipped
kim presses Confirm
kim types /case note "step without a number" as=skipped
expect kim on $P sees "Say which step ends so"
kim types /case note "no such" step=9
expect kim on $P sees "has no step 9"
kim types /case note "Ada can work again" step=3
kim presses Confirm
kim types /case show
expect kim on $P sees "open, ready to close"
expect kim on $P sees "4. left out by kim"
kim types /case close "it was the browser"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
kim types /case list state=closed
expect kim on $P sees "acme, SUP-1234, authorization"
kim types /case show
expect kim on $P sees "No case lives here."
kim types /case note "afterwards"
expect kim on $P sees "No case lives here."
expect effects 0
expect audit case-close done x1
expect audit chain whole
