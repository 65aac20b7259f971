# platforms: slack discord
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-3 reason="lost phone"
advance 16m
expect audit revoke-session lapsed x1
expect effects 0
