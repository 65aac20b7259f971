# platforms: slack discord
# A signing secret is rotated by the API, sealed to its receivers, and proved by a test event that arrives.
mira on $P types /rotate webhook-secret acme wh_orders cause=stale confirmed-by=@kim evidence="invalid signatures since 09:12" ticket=SUP-98
expect mira on $P sees "the receiver refuses every signature from that moment"
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
mira presses Done
expect mira on $P opens wh_orders
expect mira on $P sees "This is the signing secret of wh_orders, which begins with whsec_"
mira presses Done
expect mira on $P sees "Done and confirmed"
expect mira on $P sees "confirmed: A test event with the new secret"
expect audit rotate-webhook-secret done x1
# The rotation and the test event.
expect effects 2
expect secrets nowhere
