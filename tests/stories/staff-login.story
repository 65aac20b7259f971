# platforms: slack discord
# Whoever is unknown signs in to show whose the account is; that alone links nothing, and without it nothing is linked.
world identity login
world attribute ops seqn_slack T0SEQN/U0OPS
world attribute ops seqn_discord 910000000000000010
world joins eve SEQN-Support
crash
mira on $P types /staff link account=U0EVE person=eve reason="asked her at her desk"
expect mira on $P sees "Nobody has signed in for `slack:T0SEQN:U0EVE` within the last hour."
# A guest comes no further than the first page, and whoever is known needs no link.
gus on slack types /staff login
gus on slack signs in as nora => 502
kim on $P types /staff login
expect kim on $P sees "I know you already: you are Kim."
# The link was passed on to somebody else: it is said, and links nothing.
eve on slack types /staff login
expect eve on slack sees "never pass it on"
eve on slack signs in as nora
expect channel approvals on slack sees "Somebody signed in to get an account linked."
mira types /staff link account=U0EVE person=eve reason="asked her at her desk"
expect mira on $P sees "Somebody else signed in with that account's link."
# A link works once.
eve on slack signs in as eve => 410
# Not finished at Authentik: asked for again.
eve on slack types /staff login
eve on slack signs in as nobody => 502
eve on slack types /staff login
eve on slack signs in as eve
expect channel approvals on slack sees "Signed in as: Eve Marsh"
eve on slack types /staff login
expect eve on slack sees "You have asked for that too often."
eve types /seqn whoami
expect eve on slack sees "It is not linked to a member of staff."
mira types /staff link account=U0EVE person=eve reason="asked her at her desk"
expect mira on $P sees "Signed in as this person with a link that the account had asked for"
mira presses Ask for approval
ops on $P in approvals presses Review
expect ops on $P sees "Signed in as this person with a link that the account had asked for"
ops presses Approve
eve on slack types /seqn whoami
expect eve on slack sees "You are Eve Marsh."
# A link lapses, and so does what it showed.
eve on discord types /staff login
advance 11m
eve on discord signs in as eve => 410
advance 60m
eve on discord types /staff login
eve on discord signs in as eve
advance 61m
mira on $P types /staff link account=910000000000000007 person=eve reason="her other account"
expect mira on $P sees "Nobody has signed in for `discord::910000000000000007` within the last hour."
expect audit staff-login signed_in x3
expect audit staff-login failed x1
expect effects 0
expect audit chain whole
