# Both platforms lose their sockets; the bot comes back and goes on with what was open.
kim on slack types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_phone ticket=SUP-3 reason="lost phone"
platform slack drop
kim presses Confirm
expect kim on slack sees "Done and confirmed"
platform discord drop
kim on discord types /seqn whoami
expect kim on discord sees "You are Kim."
expect effects 1
