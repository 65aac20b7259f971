# platforms: slack discord
# A tracker that is down stops nothing, and its note stays owed until it is back.
fault github "GET /repos" status 503 x2
fault github "POST /repos" status 503 x3
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1234 reason="lost laptop"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
expect world tracker SUP-1234 notes is 0
advance 1m
advance 1m
advance 2m
advance 2m
advance 2m
expect world tracker SUP-1234 notes is 1
expect audit notify sent x1
