# The bot dies between the request and the answer, and between the confirmation and the act.
quietly kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-16 reason="lost"
crash
expect kim sees "End one session of jo@acme.example in acme?"
quietly kim presses Confirm
crash
expect world revocations ses_jo_laptop is 1
expect kim sees "Done and confirmed"
second process
expect audit chain whole
