# platforms: slack discord
# What was sealed is shown again to whoever asks with the reference, and opens for its receivers alone.
mira on $P types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-111
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
mira presses Done
advance 5h
expect mira on $P sees "A key was rotated before: `/rotate handover"
kim on $P types /rotate handover rq-kqmrqcpr
expect kim on $P sees "What became of the keys that"
expect kim on $P opens acme/portal
kim types /rotate handover rq-none
expect kim on $P sees "rq-none has made no key that I know of."
expect secrets nowhere
