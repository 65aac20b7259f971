# platforms: console
# Slack and Discord cut such texts themselves; the bot answers one that comes through.
kim on $P types /seqn revoke-session org=acme user=jo@acme.example ticket=SUP-1 reason={{long}}
expect kim sees "4,000 is the most"
expect effects 0
