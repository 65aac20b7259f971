# platforms: slack discord
# While Authentik is down nothing is changed by people of its groups; looking goes on for ten minutes, then ends too.
world identity on
world attribute eve seqn_slack T0SEQN/U0EVE
world attribute eve seqn_discord 910000000000000007
world joins eve SEQN-Support
crash
eve on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-7 reason="lost laptop"
expect eve on $P button Confirm
fault authentik "" status 503 x1000
eve presses Confirm
expect eve on $P sees "I could not check who has which right. Authentik is failing (503)."
expect eve on $P sees "Ask again when it answers. Nothing was changed."
expect effects 0
advance 5m
eve types /seqn project-config org=acme project=portal
expect eve on $P sees "portal"
# What is only written into our own record goes on: the incident about the outage among it.
eve types /incident open title="Sign-in fails" severity=sev3 impact="Some people cannot sign in." routes=/v1/config mitigation="We look at it."
eve presses Confirm
expect eve on $P sees "Done and confirmed"
advance 5m
eve types /seqn project-config org=acme project=portal
expect eve on $P sees "It is not linked to a member of staff."
expect audit rights unknown x1
# Those whom the configuration alone makes staff are there for that.
lee on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-8 reason="lost laptop"
lee presses Confirm
expect lee on $P sees "Done and confirmed"
expect world session ses_jo_laptop is revoked
# A restart does not bring back what nobody can look up.
crash
eve types /seqn whoami
expect eve on $P sees "It is not linked to a member of staff." x2
