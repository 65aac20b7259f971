# platforms: slack discord
# What somebody still holds before going, what is left behind, and that nothing is held afterwards.
world identity on
crash
world attribute eve seqn_slack T0SEQN/U0EVE
world attribute eve seqn_discord 910000000000000007
world joins eve SEQN-Support
advance 30s
lee on $P types /staff offboarding eve
expect lee sees "You may not ask for `staff-offboarding` here."
mira on $P types /staff offboarding nobody
expect mira on $P sees "I do not know that person."
# Eve leaves a request and a case behind.
eve on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-7 reason="lost laptop"
mira on $P types /staff offboarding "Eve Marsh"
expect mira on $P sees "Roles: support (group SEQN-Support). Next: take the person out of the groups at Authentik"
expect mira on $P sees "for `revoke-session` is previewed"
world leaves eve SEQN-Support
advance 30m
mira types /staff offboarding "Eve Marsh"
expect mira on $P sees "Was: support, until"
expect mira on $P sees "holds nothing in sight, but not everything could be looked at."
# The last admin of the configuration is missed, and nobody of the two systems keeps the rest from being seen.
fault authentik "GET /api/v3/core/users/" status 503 x9
mira types /staff offboarding lee
expect mira on $P sees "Roles: lead. Next: take the person out of the configuration"
expect mira on $P sees "Authentik is failing (503)"
expect mira on $P sees "Nobody else is lead."
expect effects 0
