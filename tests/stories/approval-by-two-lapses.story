# platforms: slack discord
# One of two agreed, and the other did not come: it lapses by the time of asking, and everybody is told how far it was.
world settings [[approvals]] tier=2 count=2 reason=true
crash
lee on $P types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed"
lee presses Ask for approval
lee submits count=6
advance 10m
mira on $P in approvals presses Review
mira presses Approve
expect mira on $P form reason
mira submits reason="seen in SUP-7"
expect lee on $P sees "Waiting for others: 1 of 2 agreed."
advance 6m
expect lee on $P sees "Only 1 of 2 agreed within 15 minutes. Nothing was changed."
expect channel approvals on $P sees "Only 1 of 2 agreed within 15 minutes."
expect effects 0
expect audit revoke-session lapsed x1
