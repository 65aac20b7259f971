# platforms: slack discord
# A role for a while is taken back by itself, once, also when SEQN Auth is down at that moment.
mira on $P types /seqn set-role acme jo@acme.example role=admin for=4h ticket=SUP-92 reason="migration"
expect mira on $P sees "It is taken back at 2026-11-02 13:00"
mira presses Ask for approval
sam on $P presses Review
sam presses Approve
sam submits org=acme reason="seen in the ticket"
expect mira on $P sees "Done and confirmed"
expect effects 1
fault seqn "PATCH /v1/organizations/acme/members" status 503 x2
advance 5h
advance 2m
advance 2m
expect mira on $P sees "Taken back as agreed: make j•••@acme.example member of acme again."
expect channel support on $P sees "Taken back as agreed"
expect effects 2
expect audit set-role taken_back x1
kim types /seqn admin-access acme jo@acme.example
expect kim sees "The person is member of acme, not admin."
