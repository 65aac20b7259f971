# platforms: slack discord console
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_phone ticket=SUP-3 reason="lost phone"
kim presses Confirm
kim presses again
expect kim on $P sees "Done and confirmed"
expect world revocations ses_jo_phone is 1
expect audit revoke-session done x1
expect effects 1
