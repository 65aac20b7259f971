# platforms: slack discord
# Whoever agreed has to be in the group when it runs. What the configuration says of her roles counts for nothing.
world identity on
crash
mira on $P types /seqn whoami
expect mira on $P sees "admin (group SEQN-A)"
lee on $P types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed"
lee presses Ask for approval
lee submits count=6
mira on $P in approvals presses Review
world leaves mira SEQN-A
mira presses Approve
expect lee on $P sees "it needs a second person with one of the roles lead, admin, security"
expect lee on $P sees "Nothing was changed."
expect effects 0
# Within the minute the record and everybody know.
advance 30s
mira types /seqn whoami
expect audit rights lost x1
world joins mira SEQN-A
advance 30s
expect audit rights gained
# An inactive user has no right, whatever the groups say.
world active mira off
advance 30s
expect audit rights lost x2
