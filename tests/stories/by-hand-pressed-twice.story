# platforms: slack discord
# Pressing Done twice under one step by hand never ends the next step too.
# (Rotated by hand: the routes are off.)
world rotation off
crash
mira on $P types /rotate secret acme portal cause=exposed confirmed-by=@sam evidence="leak case of 09:12" ticket=SUP-96
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="the leak case says so"
mira presses Done
expect mira on $P sees "put the new value straight into the customer's secret store"
mira presses again
expect mira on $P sees "This step is marked as done already."
redeliver mira on $P
expect audit rotate-secret done_by_hand x1
