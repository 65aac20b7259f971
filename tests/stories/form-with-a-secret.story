# platforms: slack discord console
kim on $P types /seqn revoke-session
kim submits org=acme user=jo@acme.example ticket=SUP-9 reason={{whsec}}
expect kim on $P sees "This holds a raw secret"
expect stored nowhere {{whsec}}
expect effects 0
