# platforms: slack discord console
fault authentik "" status 503 x40
lee on $P types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed"
expect lee on $P sees "Authentik could not be looked at. Nothing was changed."
expect effects 0
