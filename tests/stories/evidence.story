# platforms: slack discord
# An action links the entries of SEQN Auth's own log by itself: before and after, from either side.
lee on $P types /seqn set-subscription globex plan=pro ticket=SUP-81 reason="contract signed"
lee presses Ask for approval
mira on $P presses Review
mira presses Approve
expect lee on $P sees "Done"
lee types /audit ticket SUP-81
expect lee on $P sees "seqn subscription.updated"
expect lee on $P sees "SUP-81, set-subscription by lee"
expect audit chain whole
