# platforms: slack discord console
# The sessions route is missing: a person does it in the hosted console, and the bot checks the audit log.
world seqn-missing listSessions
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-15 reason="lost"
expect kim on $P sees "by hand"
kim presses Confirm
expect kim on $P sees "Open the sessions view of the organization acme"
expect kim on $P button Done
kim presses Done
expect kim on $P sees "NOT CONFIRMED"
expect audit revoke-session done_by_hand x1
expect audit revoke-session unconfirmed x1
