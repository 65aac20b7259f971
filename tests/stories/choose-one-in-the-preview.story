# platforms: slack discord console
kim on $P types /seqn revoke-session org=acme user=jo@acme.example ticket=SUP-4 reason="lost phone"
expect kim on $P sees "Which session of jo@acme.example in acme shall end?"
kim chooses ses_jo_phone
expect kim on $P sees "End one session of jo@acme.example in acme?"
kim presses Confirm
expect world session ses_jo_phone is revoked
expect effects 1
