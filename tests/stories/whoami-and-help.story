# platforms: slack discord console
kim on $P types /seqn whoami
expect kim on $P sees "You are Kim."
expect kim on $P sees "revoke-session"
kim types /seqn help
expect kim on $P sees "health"
kim types /seqn help action=revoke-session
expect kim on $P sees "ticket"
expect effects 0
