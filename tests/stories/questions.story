# platforms: slack discord console
# help, whoami, can.
kim on $P types /seqn help
expect kim on $P sees "revoke-session"
kim on $P types /seqn help action=revoke-session
expect kim on $P sees "lost device"
kim on $P types /seqn whoami
expect kim on $P sees "You are Kim."
kim on $P types /seqn can action=revoke-session
expect kim on $P sees "Tier 1 only"
kim on $P types /seqn can action=revoke-session as=lee
expect kim on $P sees "Only admins may ask what another person may do."
mira on $P types /seqn can action=revoke-session as=lee
expect mira on $P sees "Lee may ask for"
