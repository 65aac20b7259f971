# platforms: slack console
kim on $P types /seqn revoke-session org=ac{{bidi}}me user=jo@acme.example session=latest ticket=SUP-1
expect kim sees "Nothing was done."
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses{{control}}x ticket=SUP-1
expect kim sees "Nothing was"
expect effects 0
