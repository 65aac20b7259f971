# platforms: slack discord console
lee on $P types /seqn revoke-session org=acme user=jo@acme.example ticket=SUP-4 reason="token exposed"
lee chooses Everything
expect lee on $P sees "A second person must agree"
expect lee on $P button "Ask for approval"
expect effects 0
