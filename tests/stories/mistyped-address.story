# A mistyped address has no session either: that is said, and not as a success.
kim types /seqn revoke-session org=acme user=joo@acme.example session=latest ticket=SUP-19 reason="lost"
expect kim sees "joo@acme.example has, or had, no session in acme."
expect kim sees "Check the spelling"
expect effects 0
