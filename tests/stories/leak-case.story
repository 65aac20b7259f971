# platforms: slack discord
# A case finds its project by the safe prefix, and closes only when the project lists another key.
app on $P in incidents says old config: {{acme_key}}
expect channel security on $P sees "acme/portal"
kim on $P in security presses Rotate
expect kim on $P sees "You may not decide about this leak."
sam on $P in security presses Rotate
expect sam on $P sees "Replace this now"
expect sam on $P sees "/rotate secret acme portal cause=exposed confirmed-by=@sam evidence="
expect channel security on $P sees "being replaced"
sam presses Rotated: verify
expect channel security on $P sees "Not replaced yet"
world rotate acme portal
sam presses Rotated: verify
expect channel security on $P sees "Replaced: the project lists another key now."
sam on $P in security types /seqn leaks
expect sam on $P sees "closed"
expect kim on $P never-sees "1 leak case"
expect stored nowhere "{{acme_key}}"
expect audit leak closed x1
