# platforms: slack discord console
# Why a project is not set up: the token's validity is SEQN's own word, never the bot's guess.
kim on $P types /seqn provisioning acme mobile
expect kim on $P sees "The provisioning of mobile in acme is in trouble."
expect kim on $P sees "Authentik answered 403: Token invalid/expired."
expect kim on $P sees "The token that SEQN Auth holds for Authentik is not valid."
expect kim on $P sees "echo present"
expect kim on $P never-sees "AUTHENTIK_API_TOKEN="
kim presses Show how the token is rotated
expect kim on $P sees "Rotating: Authentik API token"
# The canary goes first, and what changed is said.
kim types /seqn provisioning acme mobile
kim presses Write the canary anew
kim submits ticket=SUP-95
expect kim on $P sees "Provision anew of canary in canary?"
kim presses Confirm
expect kim on $P sees "Provisioning before"
kim types /seqn provisioning acme mobile
kim presses Write the project anew
kim submits ticket=SUP-96
kim presses Confirm
expect kim on $P sees "blocked since"
expect effects 2
kim types /seqn provisioning acme portal
expect kim on $P sees "portal of acme is provisioned."
expect kim on $P sees "Authentik has the application"
kim types /seqn provisioning acme none
expect kim on $P sees "SEQN Auth does not know the project none of acme."
world authentik-blind on
kim types /seqn provisioning acme portal
expect kim on $P sees "neither the application nor the provider"
world seqn-missing getProject
kim types /seqn provisioning acme portal
expect kim on $P sees "SEQN Auth offers no look at the project portal of acme here."
expect effects 2
