# platforms: slack discord console
kim on $P types /seqn revoke-session
expect kim on $P form org
kim submits org=acme user=jo@acme.example ticket=SUP-9 reason="lost phone"
expect kim on $P sees "Which session of jo@acme.example in acme shall end?"
kim chooses ses_jo_phone
kim presses Confirm
expect effects 1
