# platforms: slack discord console
obi on $P types /seqn health
expect obi on $P sees "All well: 9 checks are green"
expect effects 0
