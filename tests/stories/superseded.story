# A press on a preview that is no longer the current one is refused.
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-10 reason="lost"
world remove-user jo@acme.example
kim presses Confirm
expect effects 0
expect kim sees "has ended"
kim presses again
expect effects 0
