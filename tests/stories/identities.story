# None, one or several identities at Authentik are three different answers.
lee types /seqn revoke-session org=acme user=twin@acme.example session=all ticket=SUP-5 reason="exposed"
expect lee sees "Several Authentik identities share twin@acme.example."
lee types /seqn revoke-session org=acme user=ghost@acme.example session=all ticket=SUP-5 reason="exposed"
expect lee sees "Authentik has no identity with this e-mail"
expect lee sees "cannot be confirmed"
lee types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-5 reason="exposed"
expect lee sees "Authentik session"
expect effects 0
