# platforms: slack discord console
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_phone ticket=SUP-3 reason="lost phone"
redeliver kim on $P
kim presses Confirm
redeliver kim on $P
expect audit revoke-session asked x1
expect audit revoke-session done x1
expect effects 1
