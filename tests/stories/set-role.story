# An existing admin asks, a second person of another role agrees with the organization typed and a reason.
kim types /seqn set-role acme jo@acme.example role=admin ticket=SUP-91 reason="Ada asked"
expect kim sees "You may not ask for"
mira on slack types /seqn set-role acme jo@acme.example role=admin for=4h permanent=yes ticket=SUP-91 reason="Ada asked"
expect mira on slack sees "It is for a while or for good: leave one of the two out."
# A right that is given ends by itself, unless it is asked for for good.
mira on slack types /seqn set-role acme jo@acme.example role=admin ticket=SUP-91 reason="Ada asked"
expect mira on slack sees "It is taken back at 2026-11-03 09:00"
mira presses Cancel
mira types /seqn set-role acme jo@acme.example role=admin permanent=yes ticket=SUP-91 reason="Ada asked"
expect mira on slack sees "It stays so: it does not end by itself."
expect mira on slack sees "Make jo@acme.example admin of acme?"
expect mira on slack sees "Mira is an existing admin."
mira presses Ask for approval
expect channel approvals on discord never-sees "jo@acme.example"
lee on discord presses Review
expect lee on discord sees "You may not agree to this request."
sam on discord presses Review
expect sam on discord sees "Before: member"
sam presses Approve
expect sam on discord form org
sam submits org=globex reason="Ada asked in SUP-91"
expect sam on discord sees "Type acme, character by character"
sam presses Approve
sam submits org=acme reason="Ada asked in SUP-91"
expect mira on slack sees "Done and confirmed"
expect channel support on slack sees "make j•••@acme.example admin of acme"
expect effects 1
expect audit set-role approved x1
mira types /seqn set-role acme jo@acme.example role=admin ticket=SUP-91 reason="Ada asked"
expect mira on slack sees "jo@acme.example is admin of acme already."
mira types /seqn set-role acme nobody@acme.example role=admin ticket=SUP-91 reason="Ada asked"
expect mira on slack sees "nobody@acme.example is not a member of acme."
# Nothing ends a day later.
advance 25h
expect effects 1
# What takes a right away stays so without being asked for.
mira types /seqn set-role acme ada@acme.example role=member ticket=SUP-91 reason="Ada asked"
expect mira on slack sees "Make ada@acme.example member of acme?"
expect mira on slack sees "It stays so: it does not end by itself."
mira presses Cancel
# The last admin stays one.
mira types /seqn set-role globex gil@acme.example role=member ticket=SUP-92 reason="leaves"
expect mira on slack sees "gil@acme.example is the last admin of globex, and stays one."
expect effects 1
expect audit chain whole
