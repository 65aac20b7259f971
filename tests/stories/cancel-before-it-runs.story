# platforms: slack discord console
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-3 reason="lost phone"
kim presses Cancel
expect kim on $P sees "You cancelled it. Nothing was changed."
expect kim no-button Confirm
expect audit revoke-session cancelled x1
expect effects 0
