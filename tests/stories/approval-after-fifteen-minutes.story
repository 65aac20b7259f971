# platforms: slack discord
lee on $P types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed"
lee presses Ask for approval
lee submits count=6
sam on $P in approvals presses Review
quietly advance 16m
sam presses Approve
expect sam on $P sees "This request has lapsed."
expect effects 0
