# platforms: slack discord console
# How a credential of the installation is rotated: order, blast radius, and how what it touches is now.
kim on $P types /rotate credential oidc-client-secret ticket=SUP-95
expect kim on $P sees "Rotating: OIDC client secret (OIDC_CLIENT_SECRET)"
expect kim on $P sees "What it breaks: New sign-ins fail at the callback"
expect kim on $P sees "In this order, by a person"
expect kim on $P sees "What it touches is well now"
kim types /rotate credential backup-key
expect kim on $P sees "a person proves it"
world authentik-not-ready on
kim types /rotate credential authentik-api-token
expect kim on $P sees "What it touches is NOT well now"
kim types /rotate credential
expect kim on $P form credential
expect effects 0
