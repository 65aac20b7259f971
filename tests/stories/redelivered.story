# platforms: slack discord console
# What the platform delivers twice is done once, and answered the same.
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-14 reason="lost"
redeliver kim on $P
expect audit revoke-session asked x1
kim presses Confirm
redeliver kim on $P
expect world revocations ses_jo_laptop is 1
expect audit revoke-session done x1
kim presses again
expect effects 1
