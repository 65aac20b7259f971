# platforms: slack discord console
fault seqn "/sessions" status 401 x20
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-5 reason="lost laptop"
expect kim on $P sees "did not accept the bot's credential (401)"
expect effects 0
