# Suspected token exposure: everything that keeps the person signed in ends, with a second person, across platforms.
lee on discord types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed"
expect lee on discord sees "These are 6 changes at once, and no more than"
expect lee on discord sees "A second person must agree"
lee presses Ask for approval
expect lee on discord form count
lee submits count=5
expect lee on discord sees "It is not that many."
expect audit revoke-session confirmed x0
lee presses Ask for approval
lee submits count=6
expect channel approvals on slack sees "Lee asks for approval."
expect channel approvals on discord sees "Lee asks for approval."
expect channel approvals never-sees "jo@acme.example"
# The requester's other account is still the requester.
lee on slack in approvals presses Review
expect lee on slack sees "You cannot agree to your own request."
# Support may not agree.
kim on slack presses Review
expect kim sees "You may not agree to this request."
mira on slack presses Review
expect mira sees "ses_jo_laptop"
# A session that appears after the approval's preview is taken along.
world add-session acme jo@acme.example
mira presses Approve
expect lee on discord sees "Done and confirmed"
expect lee on discord sees "The person must sign in again"
expect lee on discord sees "already issued stay valid"
expect world session ses_jo_laptop is revoked
expect world session ses_jo_phone is revoked
expect world session ses_jo_globex is active
expect channel approvals on slack sees "Done and confirmed"
expect channel approvals on discord sees "Done and confirmed"
expect channel support on discord sees "approved by Mira"
expect audit revoke-session approved x1
expect audit revoke-session done x1
expect audit chain whole
# Pressed again: nothing happens twice.
mira presses again
expect mira sees "already ended"
expect effects 7
