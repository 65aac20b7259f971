# What could not be looked at is never shown as well.
world seqn-missing findUsers
fault authentik "GET /api/v3/core/groups/" status 403 x9
kim types /seqn sign-in acme nora@acme.example
expect kim sees "Nothing wrong was seen, but not everything could be looked at."
expect kim sees "The person's other workspaces: SEQN Auth does not offer this here"
expect kim sees "The platform admins"
fault seqn "GET /v1/organizations/acme/members" status 500 x9
fault seqn "GET /v1/users" says "<html>no</html>" x9
kim types /seqn sign-in acme nora@acme.example
expect kim sees "The members of the organization: SEQN Auth is failing"
expect effects 0
