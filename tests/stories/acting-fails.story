# A call that gives no answer is read back; a limit is waited for; a refusal ends it, and the truth is told.
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-7 reason="lost"
fault seqn "DELETE /v1" drop-after
kim presses Confirm
expect kim sees "found so by reading back"
expect kim sees "Done and confirmed"
expect world revocations ses_jo_laptop is 1
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_phone ticket=SUP-7 reason="lost"
fault seqn "DELETE /v1" retry-after 20
kim presses Confirm
expect world session ses_jo_phone is active
advance 21s
expect world session ses_jo_phone is revoked
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_old ticket=SUP-7 reason="lost"
fault seqn "DELETE /v1" status 403
kim presses Confirm
expect kim sees "Failed: end 1 session"
expect world session ses_jo_old is active
expect effects 2
