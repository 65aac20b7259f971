# platforms: slack discord console
# No session was named: it is chosen in the preview, and only then can anything be confirmed.
kim on $P types /seqn revoke-session org=acme user=jo@acme.example ticket=SUP-2 reason="lost phone"
expect kim on $P sees "3 active sessions in acme"
expect kim on $P no-button Confirm
kim chooses ses_jo_phone
expect kim on $P sees "ses_jo_phone"
kim presses Confirm
expect world session ses_jo_phone is revoked
expect world session ses_jo_laptop is active
expect kim on $P sees "Done and confirmed"
expect effects 1
