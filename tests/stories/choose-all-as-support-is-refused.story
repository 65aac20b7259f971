# platforms: slack discord console
kim on $P types /seqn revoke-session org=acme user=jo@acme.example ticket=SUP-4 reason="lost phone"
kim chooses Everything
expect kim on $P sees "You may not ask for `revoke-session` here."
expect effects 0
