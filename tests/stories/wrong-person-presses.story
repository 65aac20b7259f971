# platforms: slack discord
# What only the requester may press is not even seen by others; support may not review.
lee on $P types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed"
lee presses Ask for approval
lee submits count=6
joe on $P in approvals presses Review
expect joe on $P sees "You may not agree to this request."
eve on $P presses Review
expect eve on $P sees "This account may not use the bot."
expect effects 0
