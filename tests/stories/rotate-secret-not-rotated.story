# What was not rotated is never called rotated.
world rotation off
crash
mira on slack types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-97
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="checked with Kim"
mira presses Done
mira presses Done
mira presses Done
expect mira sees "NOT CONFIRMED"
expect mira sees "the key still begins with"
mira types /rotate secret acme none cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-97
expect mira sees "SEQN Auth does not know the project none of acme."
expect effects 0
