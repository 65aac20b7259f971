# platforms: slack console
# Unknown words, missing and doubled options, far too long arguments: a clear answer, and nothing is done.
kim on $P types /seqn revoke-sesion org=acme
expect kim on $P sees "Did you mean `revoke-session`?"
kim on $P types /seqn revoke-session org=acme usr=jo@acme.example ticket=1 reason=x
expect kim on $P sees "user"
kim on $P types /seqn revoke-session org=acme org=globex user=jo@acme.example ticket=1 reason=x
expect kim on $P sees "org"
kim on $P types /seqn revoke-session org=acme user=jo@acme.example ticket=1 reason={{long}}
expect kim on $P sees "4,000"
expect effects 0
