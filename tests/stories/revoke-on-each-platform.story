# platforms: slack discord console
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_phone ticket=SUP-3 reason="lost phone"
expect kim on $P sees "End one session of jo@acme.example in acme?"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
expect world session ses_jo_phone is revoked
expect world session ses_jo_laptop is active
expect effects 1
