# platforms: slack discord
# Without Authentik, people of the configuration get accounts by their staff id, and Authentik is not asked.
world settings "[[staff]]" "id = 'ops'" "name = 'Ops'" "roles = ['admin']" "slack = 'T0SEQN/U0OPS'" "discord = '910000000000000010'"
crash
fault authentik "" status 503 x1000
mira on $P types /staff link account=U0EVE person=kim reason="her second account"
expect mira on $P sees "The person, as the configuration lists them"
mira presses Ask for approval
ops on $P in approvals presses Review
ops presses Approve
expect mira on $P sees "Done and confirmed: link slack:T0SEQN:U0EVE to Kim"
eve on slack types /seqn whoami
expect eve on slack sees "You are Kim."
expect eve on slack sees "linked by Mira, agreed by Ops on"
crash
eve on slack types /seqn whoami
expect eve on slack sees "You are Kim." x2
# Kim is one person, whichever account she uses.
mira on $P types /staff unlink account=slack:T0SEQN:U0EVE reason="it was a mistake"
mira presses Confirm
eve on slack types /seqn whoami
expect eve on slack sees "It is not linked to a member of staff."
expect audit rights gained
expect audit staff-unlink done x1
expect audit chain whole
