# platforms: slack discord
# A ticket is one customer's: used for another one, it is refused, and what it was used for is named.
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-7 reason="lost laptop"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
kim types /seqn revoke-session org=globex user=jo@acme.example session=ses_jo_globex ticket=SUP-7 reason="lost laptop"
expect kim on $P sees "SUP-7 is a ticket of acme, not of globex."
expect kim on $P sees "used it there for `revoke-session`"
expect world session ses_jo_globex is active
kim types /seqn revoke-session org=globex user=jo@acme.example session=ses_jo_globex ticket=SUP-1234 reason="lost laptop"
kim presses Confirm
expect world session ses_jo_globex is revoked
expect audit chain whole
