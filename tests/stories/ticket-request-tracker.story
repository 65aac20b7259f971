# platforms: slack discord
# With Request Tracker as the tracker: its tickets are asked for, and every note is there once, as a comment and no reply.
world tracker request-tracker
crash
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-9001 reason="lost laptop"
expect kim on $P sees "The ticket SUP-9001 is closed."
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-9999 reason="lost laptop"
expect kim on $P sees "The tracker has no ticket SUP-9999."
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=OPS-7 reason="lost laptop"
expect kim on $P sees "The tracker has no ticket OPS-7."
expect effects 0
# The note is taken, and nobody says so.
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-7 reason="lost laptop"
fault request-tracker "POST /REST/2.0/ticket/7/comment" drop-after
kim presses Confirm
expect world session ses_jo_laptop is revoked
advance 5m
expect world rt SUP-7 notes is 1
expect world rt SUP-7 replies is 0
expect audit notify sent x1
# It is down: the action goes on, and its note stays owed until it is back.
fault request-tracker "GET /REST/2.0" status 503 x2
fault request-tracker "POST /REST/2.0" status 503 x1
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-8 reason="lost phone"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
expect world rt SUP-8 notes is 0
advance 1m
advance 2m
advance 2m
expect world rt SUP-8 notes is 1
# Somebody resolves it there.
world ticket SUP-8 closed
kim types /seqn webhook acme wh_orders test=yes ticket=SUP-8
expect kim on $P sees "The ticket SUP-8 is closed."
# GitHub was asked nothing.
expect world tracker SUP-7 notes is 0
expect audit notify sent x2
expect audit chain whole
