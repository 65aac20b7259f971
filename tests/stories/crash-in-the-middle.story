# platforms: slack discord
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_phone ticket=SUP-3 reason="lost phone"
quietly kim presses Confirm
crash
expect kim on $P sees "Done and confirmed"
expect world revocations ses_jo_phone is 1
expect audit chain whole
expect effects 1
