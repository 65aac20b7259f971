# Where nobody of the staff is an existing admin, a person of the customer does it, and it is read back.
fault authentik "GET /api/v3/core/groups/" status 403 x99
mira on slack types /seqn set-role acme jo@acme.example role=admin ticket=SUP-94 reason="Ada asked"
expect mira on slack sees "Nobody who asks or may agree is known as an existing admin there."
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="Ada does it"
expect mira on slack sees "An existing admin opens the members of acme"
mira presses Done
expect mira on slack sees "NOT CONFIRMED"
expect effects 0
