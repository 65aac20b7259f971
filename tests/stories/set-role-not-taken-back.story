# What cannot be taken back is said loudly, and a person does it.
mira on slack types /seqn set-role acme jo@acme.example role=admin for=1h ticket=SUP-93 reason="migration"
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="seen in the ticket"
fault seqn "PATCH /v1/organizations/acme/members" status 403 x99
advance 61m
advance 61m
advance 61m
advance 61m
advance 61m
advance 61m
advance 61m
expect mira on slack sees "NOT taken back"
expect channel support on slack sees "A person must do it now."
expect audit set-role not_taken_back x1
expect effects 1
