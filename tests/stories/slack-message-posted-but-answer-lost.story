# Slack posts the public line and drops the connection: it is found again, not posted twice.
kim on slack types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_phone ticket=SUP-3 reason="lost phone"
fault slack "chat.postMessage" drop-after
kim presses Confirm
advance 5s
expect channel support on slack sees "Done and confirmed" x1
expect effects 1
