# platforms: slack discord
# A no has a reason, which the requester reads; the channel where it was asked does not.
lee on $P types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed, says jo@acme.example"
lee presses Ask for approval
lee submits count=6
expect channel approvals on $P sees "token exposed, says j•••@acme.example"
expect channel approvals on $P never-sees "jo@acme.example"
sam on $P in approvals presses Review
sam presses Deny
expect sam on $P form reason
expect audit revoke-session denied x0
sam submits reason=" "
expect sam on $P sees "Say why you say no"
sam presses Deny
sam submits reason="the token was a test key of acme"
expect sam on $P sees "You denied this request."
expect lee on $P sees "Sam denied it. Nothing was changed."
expect lee on $P sees "Why: the token was a test key of acme"
expect channel approvals on $P sees "Sam denied it."
expect channel approvals on $P never-sees "test key of acme"
expect audit revoke-session denied x1
expect effects 0
expect audit chain whole
