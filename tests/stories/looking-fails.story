# What SEQN Auth says when it cannot be read: 401, 403, 429, 500. Each has its own sentence; nothing is done.
fault seqn "GET /v1/organizations/acme/sessions" status 401
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-6 reason="lost"
expect kim sees "did not accept the bot's credential (401)"
fault seqn "GET /v1/organizations/acme/sessions" status 403
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-6 reason="lost it"
expect kim sees "has no right to this in SEQN Auth (403)"
fault seqn "GET /v1/organizations/acme/sessions" retry-after 30
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-6 reason="lost again"
expect kim sees "It may be asked again in 30 s."
fault seqn "GET /v1/organizations/acme/sessions" status 500
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-6 reason="lost once more"
expect kim sees "SEQN Auth is failing (500)."
expect effects 0
