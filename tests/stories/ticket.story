# platforms: slack discord
# What changes something needs a ticket that is there and open; how it ended is noted on it for the team.
kim on $P types /seqn webhook acme wh_orders test=yes ticket=SUP-9001
expect kim on $P sees "The ticket SUP-9001 is closed."
kim types /seqn webhook acme wh_orders test=yes ticket=SUP-99999
expect kim on $P sees "The tracker has no ticket SUP-99999."
expect effects 0
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1234 reason="lost laptop"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
expect world tracker SUP-1234 notes is 1
# What is noted in a case goes to its ticket, word for word.
kim types /case open acme ticket=SUP-1235 class=webhook
kim presses Confirm
kim types /case note "the receiver answers 410"
kim presses Confirm
expect world tracker SUP-1235 notes is 2
expect audit notify sent x3
expect audit chain whole
