# What a case knows is not put beside another customer's slug, and a look that failed ticks nothing off.
kim types /case open acme ticket=SUP-7 user=jo@acme.example project=portal class=project-config
kim presses Confirm
kim types /seqn provisioning
expect kim sees "portal of acme is provisioned."
world seqn-missing getProject
kim types /seqn project-config
expect kim sees "SEQN Auth offers no look at the project portal of acme here."
kim types /case show
expect kim sees "2. done by kim: Look at the provisioning"
expect kim sees "1. TO DO: Compare the configuration"
kim types /seqn sign-in globex gil@acme.example
expect kim sees "gil@acme.example"
kim types /seqn revoke-session reason="lost laptop"
expect kim sees "Which session of jo@acme.example in acme shall end?"
kim presses Cancel
# Elsewhere nothing is filled in.
lee on discord types /seqn sign-in
expect lee on discord form org
