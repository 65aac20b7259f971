# platforms: slack discord
# The bot dies right after the answer, before what was sealed is committed: the value is lost, and the record says so.
mira on $P types /rotate secret acme portal cause=stale confirmed-by=@kim evidence="401 since 09:12" ticket=SUP-110
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Kim showed the log"
# Two checks of the stop for each commit: the press, "doing"; the next is before the commit of what was sealed.
crash after 5
mira presses Done
expect effects 1
expect mira on $P sees "Rotated, value lost, rotate again."
expect mira on $P sees "/rotate secret acme portal"
expect effects 1
expect audit chain whole
expect secrets nowhere
