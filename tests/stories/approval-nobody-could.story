# platforms: slack discord console
# Where nobody could agree, that is said before anybody is asked, with why and what to do.
world settings [[approvals]] "action='revoke-session'" "any_of=['lead']"
crash
lee on $P types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed"
expect lee on $P sees "It cannot be asked for. It needs the agreement of others, and nobody of the staff could agree to it for you."
expect lee on $P sees "Decided by rule 1 of [[approvals]]: 1 person with the role lead, within 15 minutes."
expect lee on $P sees "Ask an admin to add an approver, or a colleague to ask for it."
expect lee on $P no-button "Ask for approval"
lee presses Cancel
lee types /seqn can revoke-session
expect lee on $P sees "could not be brought together"
# Somebody else can ask for it.
mira on $P types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed"
expect mira on $P sees "A second person must agree: Lee."
mira presses Ask for approval
mira submits count=6
sam on slack in approvals presses Review
expect sam on slack sees "You may not agree to this request."
expect sam on slack sees "rule 1 of [[approvals]]"
lee on slack in approvals presses Review
lee presses Approve
expect mira on $P sees "Done and confirmed"
expect audit revoke-session done x1
