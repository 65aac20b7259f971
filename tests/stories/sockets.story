# Connections break in the middle; the bot comes back and goes on.
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-17 reason="lost"
platform slack drop
platform slack garbage
kim presses Confirm
expect world session ses_jo_laptop is revoked
platform discord close 4000
kim on discord types /seqn whoami
expect kim on discord sees "You are Kim."
platform slack disconnect refresh_requested
kim on slack types /seqn whoami
expect kim on slack sees "You are Kim."
