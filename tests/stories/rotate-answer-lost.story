# platforms: slack discord
# The answer with the new key is lost: it is never asked for again blindly, and the record says what is so.
fault seqn "POST /v1/organizations/acme/projects/portal/rotate-secret" drop-after
mira on $P types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-106
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
mira presses Done
expect mira on $P sees "Rotated, value lost, rotate again."
expect channel support on $P sees "portal WAS rotated, and its new value is lost: rotate it again."
expect audit rotate-secret value_lost x1
expect effects 1
# A server that failed before it did anything is asked once more, when that is certain.
fault seqn "POST /v1/organizations/acme/projects/portal/rotate-secret" status 503
mira types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-107
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
mira presses Done
expect effects 1
advance 59s
expect effects 1
advance 2s
expect effects 2
expect mira on $P opens acme/portal
mira presses Done
expect mira on $P sees "Done and confirmed"
expect secrets nowhere
