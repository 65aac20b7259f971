# platforms: slack discord console
# What answers 402 is said with its status or its number; nothing is changed.
kim on $P types /seqn subscription acme
expect kim on $P sees "Nothing in the subscription of acme blocks anything."
expect kim on $P sees "Plan: Pro (key pro)"
expect kim on $P sees "The smallest public plan with room: Pro."
kim types /seqn subscription acme want=invoice
expect kim on $P sees "There is no checkout, invoice or payment here."
expect kim on $P sees "nothing to send, to mark as paid or to work around"
expect kim on $P sees "projects: 3 of 25"
kim types /seqn subscription initech
expect kim on $P sees "The subscription of initech answers 402."
expect kim on $P sees "the status is cancelled"
expect kim on $P sees "There is no checkout, invoice or payment to work around."
kim types /seqn subscription globex
expect kim on $P sees "Plan: Free"
expect kim on $P sees "users: 2 of 3"
world plan globex starter
kim types /seqn subscription globex
expect kim on $P sees "Plan: an internal plan"
expect kim on $P never-sees "starter"
kim types /seqn subscription nowhere
expect kim on $P sees "SEQN Auth knows no organization nowhere."
world seqn-missing getSubscription
kim types /seqn subscription acme
expect kim on $P sees "could not be read"
fault seqn "GET /v1/organizations/globex/usage" status 503 x9
kim types /seqn subscription globex
expect kim on $P sees "could not be read"
expect effects 0
