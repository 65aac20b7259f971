# platforms: slack discord console
# Ending everything is tier 2: support may not ask for it, neither typed nor chosen.
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-3 reason="exposed"
expect kim on $P sees "It is tier 2, which lead, admin may ask for."
kim on $P types /seqn revoke-session org=acme user=jo@acme.example ticket=SUP-3 reason="exposed"
kim chooses Everything
expect kim on $P sees "It is tier 2, which lead, admin may ask for."
expect effects 0
expect audit refusal refused
