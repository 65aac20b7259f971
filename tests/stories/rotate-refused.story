# platforms: slack discord
# What SEQN Auth refuses is not rotated, and is said; what somebody else rotated meanwhile is not rotated once more.
fault seqn "POST /v1/organizations/acme/projects/portal/rotate-secret" status 402
mira on $P types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-108
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
mira presses Done
expect mira on $P sees "SEQN Auth refused it: subscription_inactive (402)."
expect mira on $P sees "Nothing was rotated."
expect effects 0
mira types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-109
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
world rotate acme portal
mira presses Done
expect mira on $P sees "Since it was agreed to, somebody else rotated it"
expect mira on $P never-sees "value lost"
# The one in the console.
expect effects 1
