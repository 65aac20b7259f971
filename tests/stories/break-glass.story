# platforms: slack discord
# One of the named few runs what waits without agreement: all who were skipped are told, and the review stays open until closed.
mira on $P types /seqn break-glass ticket=SUP-7 reason="too short"
expect mira on $P sees "at least 40 characters"
lee on $P types /seqn break-glass ticket=SUP-81 reason="the customer is locked out and nobody answers my calls"
expect lee on $P sees "You may not break the glass."
lee types /seqn can break-glass
expect lee on $P sees "You may not ask for `break-glass` here."
expect lee on $P sees "The configuration names who may, in [break_glass]."
mira types /seqn break-glass ticket=SUP-81 reason="the customer is locked out and nobody answers my calls"
expect mira on $P sees "It is not clear which request is meant."
mira types /seqn set-subscription globex plan=pro ticket=SUP-81 reason="contract signed"
mira presses Ask for approval
expect channel approvals sees "Mira asks for approval."
mira types /seqn break-glass ticket=SUP-81 reason="the customer is locked out and nobody answers my calls"
expect mira on $P sees "run rq-"
expect effects 0
mira presses Confirm
expect mira on $P sees "Done and confirmed: break the glass"
expect effects 1
expect channel support sees "It ran without the agreement that it needs"
expect channel approvals sees "Mira broke the glass"
expect channel security sees "nobody answers my calls"
expect sam on slack sees "Mira broke the glass."
expect sam on discord sees "Mira broke the glass."
# The review is asked for again until it is closed, and never by the one who broke the glass.
advance 5h
expect channel security sees "A broken glass was not reviewed yet."
mira types /audit review verdict=justified says="it was me, and it was right"
expect mira on $P sees "You broke it yourself."
lee on $P types /audit review
expect lee on $P sees "Still to be reviewed"
lee types /audit review verdict=not-justified says="I was there and had not been asked"
lee presses Confirm
expect lee on $P sees "Done and confirmed: close the review"
lee types /audit review
expect lee on $P sees "No review is open."
expect audit break-glass done x1
expect audit chain whole
