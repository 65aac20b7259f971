# platforms: slack discord console
# Everything green; then what is wrong is said.
kim on $P types /seqn health
expect kim on $P sees "All well: 9 checks are green"
world authentik-not-ready on
world issuer-wrong on
kim on $P types /seqn health
expect kim on $P sees "2 of 10 checks fail."
