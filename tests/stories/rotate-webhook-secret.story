# platforms: slack discord
# Where the routes are off, a signing secret is proved by its new prefix and by a test event that arrives.
world rotation off
crash
mira on $P types /rotate webhook-secret acme wh_orders cause=stale confirmed-by=@kim evidence="invalid signatures since 09:12" ticket=SUP-98
expect mira on $P sees "the receiver refuses every signature from that moment"
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
mira presses Done
world rotate-webhook acme wh_orders
mira presses Done
mira presses Done
expect mira on $P sees "Done and confirmed"
expect audit rotate-webhook-secret done x1
# The rotation in the console, and the test event.
expect effects 2
mira types /rotate webhook-secret acme wh_none cause=stale confirmed-by=@kim evidence="invalid signatures" ticket=SUP-98
expect mira on $P sees "acme has no webhook endpoint wh_none."
