# platforms: slack discord
lee on $P types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed"
lee presses Ask for approval
sam on $P in approvals presses Review
sam presses Deny
expect lee on $P sees "Sam denied it. Nothing was changed."
expect audit revoke-session denied x1
expect effects 0
