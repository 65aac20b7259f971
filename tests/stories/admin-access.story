# platforms: slack discord console
# Why a person has no admin actions: the role, and for platform routes the group.
kim on $P types /seqn admin-access acme jo@acme.example
expect kim on $P sees "jo@acme.example lacks what admin actions in acme need."
expect kim on $P sees "The person is member of acme, not admin."
expect kim on $P sees "/seqn set-role acme jo@acme.example role=admin"
expect kim on $P sees "/v1/me"
# What kim may not ask for is said, and not offered.
expect kim on $P no-button "Make the person admin"
kim types /seqn admin-access acme ada@acme.example
expect kim on $P sees "ada@acme.example has what admin actions in acme need."
kim types /seqn admin-access acme ada@acme.example surface=proxy
expect kim on $P sees "Routes to Authentik need SEQN-A, and the person is not in it."
kim types /seqn admin-access acme gil@acme.example
expect kim on $P sees "gil@acme.example is not a member of acme."
kim types /seqn admin-access nowhere jo@acme.example
expect kim on $P sees "SEQN Auth does not know the organization nowhere."
world seqn-missing listMembers
kim types /seqn admin-access acme jo@acme.example
expect kim on $P sees "not everything could be looked at"
expect effects 0
