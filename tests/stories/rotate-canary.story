# platforms: slack discord
# The canary goes first: what stands behind it is not touched before a person has seen the canary well.
mira on $P types /rotate secret acme portal canary=portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-99
expect mira on $P sees "The canary portal is not there, or it is the very thing that is to be rotated."
mira types /rotate secret acme portal canary=none cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-99
expect mira on $P sees "The canary none is not there"
mira types /rotate secret acme portal canary=mobile cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-99
expect mira on $P sees "Rotate the secret key of mobile in acme; the new one goes to acme-platform"
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
mira presses Done
expect effects 1
expect mira on $P sees "see it answer well. If it does not, press nothing"
expect mira on $P opens acme/mobile
mira presses Done
expect effects 2
expect mira on $P opens acme/portal
mira presses Done
expect mira on $P sees "confirmed: The key of the canary mobile begins otherwise than before"
expect mira on $P sees "Done and confirmed"
expect secrets nowhere
