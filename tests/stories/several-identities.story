# platforms: slack discord console
lee on $P types /seqn revoke-session org=acme user=twin@acme.example session=all ticket=SUP-7 reason="token exposed"
expect lee on $P sees "Several Authentik identities share twin@acme.example. Nothing was changed."
expect effects 0
