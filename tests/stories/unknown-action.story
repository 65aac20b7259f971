kim types /seqn revoke-sesion org=acme
expect kim sees "I could not read that. Nothing was done."
expect kim sees "revoke-session"
kim types /seqn revoke-session org=acme org=globex user=jo@acme.example ticket=SUP-1
expect kim sees "I could not read that. Nothing was done."
kim types /seqn revoke-session org=acme user=jo@acme.example
expect kim sees "ticket"
expect audit refusal bad_input
expect effects 0
