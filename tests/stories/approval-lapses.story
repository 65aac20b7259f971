# An approval after 15 minutes is too late, whether or not the timer came first.
lee types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-8 reason="exposed"
lee presses Ask for approval
lee submits count=6
mira presses Review
quietly advance 16m
mira presses Approve
expect mira sees "This request has lapsed."
expect channel approvals on slack sees "Nobody agreed within 15 minutes."
expect lee sees "Nobody agreed within 15 minutes."
expect effects 0
expect audit revoke-session lapsed x1
