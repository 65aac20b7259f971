# The ticket is looked up before anything is changed, and noted on afterwards: once, also when the tracker is slow to say so.
kim on slack in support types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-9001 reason="lost laptop"
expect kim on slack sees "The ticket SUP-9001 is closed."
kim on slack in support types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-9999 reason="lost laptop"
expect kim on slack sees "The tracker has no ticket SUP-9999."
expect world session ses_jo_laptop is active
kim on slack in support types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-7 reason="lost laptop"
fault github "POST /repos/seqn/support/issues/7/comments" drop-after
kim presses Confirm
expect world session ses_jo_laptop is revoked
advance 5m
expect world tracker SUP-7 notes is 1
expect audit chain whole
