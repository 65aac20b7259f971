# platforms: slack discord
# A command takes the new key on its input, a file is new and private; nothing of it is in chat or in the database.
world handover command
crash
mira on $P types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-101
expect mira on $P sees "it is passed on to the command /bin/sh. That way was tried just now."
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
mira presses Done
expect received acme/portal
mira presses Done
expect mira on $P sees "Done and confirmed"
expect mira on $P sees "confirmed: The new key of portal went to the default receivers: passed on to the command /bin/sh"
world handover file
crash
mira types /rotate webhook-secret acme wh_orders cause=stale confirmed-by=@kim evidence="invalid signatures" ticket=SUP-102
expect mira on $P sees "it is written to a new file in"
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
mira presses Done
expect received wh_orders
mira presses Done
expect mira on $P sees "confirmed: A test event with the new secret"
expect effects 3
expect secrets nowhere
