# platforms: slack discord console
# How a credential of the installation is rotated: order, blast radius, and how what it touches is now.
kim on $P types /rotate credential oidc-client-secret ticket=SUP-95
expect kim on $P sees "Not confirmed: OIDC client secret (OIDC_CLIENT_SECRET)"
expect kim on $P sees "It is offered when somebody of the staff has confirmed by name"
expect kim on $P never-sees "In this order, by a person"
kim types /rotate credential oidc-client-secret confirmed-by=@stranger evidence="callback errors"
expect kim on $P sees "The person who confirmed it is not a member of staff."
kim types /rotate credential oidc-client-secret confirmed-by=@sam evidence="the provider's secret begins otherwise, 09:12"
expect kim on $P sees "Rotating: OIDC client secret (OIDC_CLIENT_SECRET)"
expect kim on $P sees "What it breaks: New sign-ins fail at the callback"
expect kim on $P sees "In this order, by a person"
expect kim on $P sees "What it touches is well now"
expect kim on $P sees "/rotate credential oidc-client-secret work=yes confirmed-by=@sam"
kim types /rotate credential backup-key
expect kim on $P sees "a person proves it"
world authentik-not-ready on
kim types /rotate credential authentik-api-token
expect kim on $P sees "What it touches is NOT well now"
kim types /rotate credential session-secret work=yes
expect kim on $P sees "It is worked off only with who confirmed why, the evidence, and a ticket."
kim types /rotate credential
expect kim on $P form credential
expect effects 0
