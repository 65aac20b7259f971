# platforms: slack discord
# Where the routes are off, a person rotates in the hosted console, straight into the customer's store; the new prefix proves it.
world rotation off
crash
mira on $P types /rotate secret acme portal confirmed-by=@stranger evidence="seen in a repo" ticket=SUP-96
expect mira on $P sees "The person who confirmed it is not a member of staff."
mira types /rotate secret acme portal confirmed-by=@sam evidence="leak case of 09:12" consumers="portal-api" ticket=SUP-96
expect mira on $P sees "Rotate the secret key of portal in acme?"
mira chooses Exposed: somebody may have it
expect mira on $P sees "the project's backends fail with 401"
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="the leak case says so"
expect mira on $P sees "Agree on a time with the customer."
mira presses Done
expect mira on $P sees "put the new value straight into the customer's secret store"
world rotate acme portal
mira presses Done
expect mira on $P sees "the canary first, and answer well"
mira presses Done
expect mira on $P sees "Done and confirmed"
expect channel support on $P sees "rotate the secret key of portal in acme"
expect audit rotate-secret done_by_hand x3
expect audit rotate-secret done x1
expect stored nowhere "{{acme_key}}"
