# Two must agree, one on each platform; each yes is seen on both copies and by the requester, and one person counts once.
world settings [[approvals]] "action='revoke-session'" count=2 "any_of=['admin','security']" "within='30m'"
crash
lee on discord types /seqn can revoke-session
expect lee on discord sees "2 of these must agree: Mira, Sam. Decided by rule 1 of [[approvals]]: 2 people with one of the roles admin, security, within 30 minutes."
lee types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed"
expect lee on discord sees "Others must agree: 2 people with one of the roles admin, security."
expect lee on discord sees "Who can: Mira, Sam."
lee presses Ask for approval
lee submits count=6
expect channel approvals on slack sees "token exposed"
expect channel approvals on discord sees "SUP-7"
expect channel approvals on slack sees "Who can"
mira on slack presses Review
mira presses Approve
expect mira on slack sees "You approved this request (1 of 2)."
expect channel approvals on slack sees "Mira approved (1 of 2)."
expect channel approvals on discord sees "Mira approved (1 of 2). Still needed: somebody with one of the roles admin, security. Who can: Sam."
expect lee on discord sees "Waiting for others: 1 of 2 agreed."
expect effects 0
# The same person on the other platform is still one person.
mira on discord presses Review
mira presses Approve
expect mira on discord sees "You have agreed to this already."
expect effects 0
# A yes is good for as long as the rule says, from the time of asking.
advance 20m
sam on discord presses Review
sam presses Approve
expect lee on discord sees "Sam approved it. It runs now."
expect lee on discord sees "Done and confirmed"
expect channel support on discord sees "approved by Mira, Sam"
expect channel approvals on slack sees "Done and confirmed"
expect audit revoke-session approved x2
expect audit revoke-session done x1
expect audit chain whole
