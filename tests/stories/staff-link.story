# platforms: slack discord
# A second admin sees both accounts and agrees. Then the person acts from the new one, until the link is ended.
world identity on
world attribute ops seqn_slack T0SEQN/U0OPS
world attribute ops seqn_discord 910000000000000010
world attribute eve seqn_slack T0SEQN/U0EVE
world joins eve SEQN-Support
crash
eve on discord types /seqn whoami
expect eve on discord sees "It is not linked to a member of staff."
expect eve on discord sees "Ask an admin to link it to you"
mira on $P types /staff link account=910000000000000007 person=eve reason="asked her at her desk"
expect mira on $P sees "The account, as Discord describes it now"
expect mira on $P sees "It is: member of our own server"
expect mira on $P sees "The person, as Authentik describes them now"
expect mira on $P sees "Roles, which the account gets: support"
expect mira on $P sees "Accounts now: slack:T0SEQN:U0EVE"
mira presses Ask for approval
expect channel approvals sees "Mira asks for approval."
# Neither she herself from elsewhere, nor somebody who is no admin.
mira on slack in approvals presses Review
expect mira on slack sees "You cannot agree to your own request."
mira on discord in approvals presses Review
expect mira on discord sees "You cannot agree to your own request."
sam on $P in approvals presses Review
expect sam on $P sees "The runbook asks for an existing admin there: Ops Desk."
eve on discord types /seqn whoami
expect eve on discord sees "It is not linked to a member of staff." x2
ops on $P in approvals presses Review
expect ops on $P sees "The person, as Authentik describes them now"
ops presses Approve
expect mira on $P sees "Done and confirmed: link discord::910000000000000007 to Eve Marsh"
expect eve on slack sees "Mira has linked an account to you."
expect audit staff-link done x1
eve on discord types /seqn whoami
expect eve on discord sees "You are Eve Marsh."
expect eve on discord sees "linked by Mira, agreed by Ops Desk on"
eve types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-7 reason="lost laptop"
eve presses Confirm
expect eve on discord sees "Done and confirmed"
expect effects 1
crash
eve on discord types /seqn whoami
expect eve on discord sees "You are Eve Marsh." x2
eve on slack types /seqn whoami
expect eve on slack sees "by an attribute at Authentik"
# Taking it away takes one admin, and counts at once.
ops on $P in support types /staff unlink account=910000000000000007 reason="her phone was stolen"
expect ops on $P sees "Linked to: Eve Marsh"
ops presses Confirm
expect ops on $P sees "Done and confirmed: end the link of discord::910000000000000007"
eve on discord types /seqn whoami
expect eve on discord sees "It is not linked to a member of staff." x3
eve on slack types /seqn whoami
expect eve on slack sees "You are Eve Marsh." x2
expect audit staff-unlink done x1
expect audit chain whole
