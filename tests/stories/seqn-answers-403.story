# platforms: slack discord console
fault seqn "/sessions" status 403 x20
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-5 reason="lost laptop"
expect kim on $P sees "has no right to this in SEQN Auth (403)"
expect effects 0
