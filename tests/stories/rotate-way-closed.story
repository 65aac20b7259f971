# platforms: slack discord
# A way out that is closed or missing stops before anything is rotated: a person does it by hand, and why is said.
world handover broken
crash
mira on $P types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-103
expect mira on $P sees "The way out for the new key is not open: The test of the command /bin/sh failed: it ended with 4."
expect mira on $P sees "So a person does it in the hosted console, and I check it."
mira presses Cancel
world handover off
crash
mira types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-103
expect mira on $P sees "No way out is configured for the new keys of this organization."
mira presses Cancel
# It closes between the agreement and the call: the call is not made.
world handover command
crash
mira types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-103
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
world handover broken
crash
mira presses Done
expect mira on $P sees "The way out is not open, so nothing was rotated. The test of the command /bin/sh failed: it ended with 4."
expect channel support on $P sees "Failed: rotate the secret key of portal in acme."
expect effects 0
