# platforms: slack discord console
# An admin may ask what a colleague may do; support may ask for itself only.
mira on $P types /seqn can action=revoke-session as=lee
expect mira on $P sees "Lee may ask for `revoke-session` here."
kim on $P types /seqn can action=revoke-session as=lee
expect kim on $P sees "You may not ask that."
kim types /seqn can action=revoke-session
expect kim on $P sees "You may ask for `revoke-session` here."
mira types /seqn can action=revoke-session as=nobody-here
expect mira on $P sees "I do not know that person."
