# platforms: slack discord
# An account that a link and an attribute give to two people is nobody's, and ending one claim decides it.
world identity on
world attribute ops seqn_slack T0SEQN/U0OPS
world attribute ops seqn_discord 910000000000000010
world joins eve SEQN-Support
crash
mira on $P types /staff link account=910000000000000007 person=eve reason="asked her at her desk"
mira presses Ask for approval
ops on $P in approvals presses Review
ops presses Approve
eve on discord types /seqn whoami
expect eve on discord sees "You are Eve Marsh."
# Later an attribute claims it for somebody else.
world attribute ops seqn_discord 910000000000000010,910000000000000007
advance 30s
eve types /seqn whoami
expect eve on discord sees "It is linked to several members of staff"
mira types /staff link account=910000000000000007 person=mira reason="whose is it"
expect mira on $P sees "`discord::910000000000000007` is somebody's already."
expect mira on $P sees "Ops Desk"
expect mira on $P sees "has it by an attribute at Authentik."
expect audit rights changed x1
mira types /staff unlink account=910000000000000007 reason="two claim it"
mira presses Confirm
expect mira on $P sees "It is Ops Desk's by an attribute at Authentik."
eve types /seqn whoami
expect eve on discord sees "You are Ops Desk."
expect audit chain whole
