# platforms: slack discord
# A command that fails after its test: with a sealed copy nothing is lost; without one the record says that it is.
world handover failing
crash
mira on $P types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-104
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
mira presses Done
expect mira on $P opens acme/portal
mira presses Done
expect mira on $P sees "but it was NOT passed on, hand the sealed copy over. The command /bin/sh failed: it ended with 3."
expect mira on $P sees "Done, but not confirmed"
expect effects 1
world handover losing
crash
mira types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-105
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
mira presses Done
expect mira on $P sees "Rotated, value lost, rotate again. The command /bin/sh failed: it ended with 3."
expect mira on $P sees "/rotate secret acme portal cause=stale confirmed-by=@kim evidence="
expect mira on $P sees "ticket=SUP-105"
expect channel support on $P sees "portal WAS rotated, and its new value is lost: rotate it again."
expect effects 2
expect secrets nowhere
