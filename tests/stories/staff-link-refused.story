# platforms: slack discord
# What cannot be linked, each with its reason: guests, bots, strangers, what is somebody's, and people without a right.
world identity on
crash
kim on $P types /staff link account=U0EVE person=eve reason="I am sure"
expect kim on $P sees "You may not ask for `staff-link` here."
mira on $P types /staff link account=U0EVE person=mira reason="my second account"
expect mira on $P sees "Nobody could agree to that."
world attribute ops seqn_slack T0SEQN/U0OPS
world joins eve SEQN-Support
advance 30s
mira types /staff link account=U0GUS person=eve reason="I am sure"
expect mira on $P sees "It is a guest's"
mira types /staff link account=U0PAT person=eve reason="I am sure"
expect mira on $P sees "It is of another workspace, as in a channel of Slack Connect."
mira types /staff link account=U0SEQNBOT person=eve reason="I am sure"
expect mira on $P sees "It is a bot's or an app's."
mira types /staff link account=900000000000000002 person=eve reason="I am sure"
expect mira on $P sees "It is a bot's or an app's." x2
mira types /staff link account=910000000000000099 person=eve reason="I am sure"
expect mira on $P sees "I do not find that account on Discord."
mira types /staff link account=T0OTHER/U0EVE person=eve reason="I am sure"
expect mira on $P sees "That is another account."
mira types /staff link account=eve person=eve reason="I am sure"
expect mira on $P sees "A name can be anybody's."
mira types /staff link account=U0KIM person=eve reason="I am sure"
expect mira on $P sees "Kim (kim) has it by the configuration."
# Nobody is found by an e-mail or a name that is shown.
mira types /staff link account=U0EVE person=eve@seqn.example reason="I am sure"
expect mira on $P sees "I know nobody who is called that."
mira types /staff link account=U0EVE person="Eve Marsh" reason="I am sure"
expect mira on $P sees "I know nobody who is called that." x2
mira types /staff link account=U0EVE person=jo reason="I am sure"
expect mira on $P sees "I know nobody who is called that." x3
world active eve off
advance 30s
mira types /staff link account=U0EVE person=eve reason="I am sure"
expect mira on $P sees "The person is inactive at Authentik"
world active eve on
advance 30s
# What the file says is changed in the file.
mira types /staff unlink account=U0KIM reason="she left"
expect mira on $P sees "An operator takes it out of the configuration"
mira types /staff unlink account=T0SEQN/U0EVE reason="she left"
expect mira on $P sees "That account is not linked."
# Whoever leaves between asking and agreeing gets nothing.
mira types /staff link account=U0EVE person=eve reason="asked her at her desk"
mira presses Ask for approval
ops on slack in approvals presses Review
world leaves eve SEQN-Support
ops presses Approve
expect mira on $P sees "I know nobody who is called that. Nothing was changed."
eve on slack types /seqn whoami
expect eve on slack sees "It is not linked to a member of staff."
expect effects 0
expect audit chain whole
