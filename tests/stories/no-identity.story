# platforms: slack discord
# Without an identity the SEQN sessions end, and that the sign-in is over is not claimed.
lee on $P types /seqn revoke-session org=acme user=ghost@acme.example session=all ticket=SUP-7 reason="token exposed"
expect lee on $P sees "Authentik has no identity with this e-mail"
expect effects 0
