# platforms: slack discord
# People do the steps of a credential's rotation, and the next one comes only when what can be seen was seen.
lee on $P types /case open acme ticket=SUP-120 class=authentication
lee presses Confirm
mira on $P types /rotate credential oidc-client-secret work=yes confirmed-by=@sam evidence="the secrets begin otherwise"
expect mira on $P sees "Rotate the OIDC client secret (OIDC_CLIENT_SECRET)?"
expect mira on $P sees "SUP-120"
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits reason="Sam compared them"
expect mira on $P sees "Write the dated note into the ticket"
mira presses Done
expect mira on $P sees "Make a fresh local backup"
mira presses Done
mira presses Done
mira presses Done
expect mira on $P sees "At once: set OIDC_CLIENT_SECRET for the Silver Auth API from the store, and restart it."
# Authentik does not come back: a word does not help, and the way back is named.
world authentik-not-ready on
mira presses Done
advance 20s
advance 20s
advance 20s
advance 20s
advance 20s
expect mira on $P sees "It is not so yet."
expect mira on $P sees "Authentik ready"
expect mira on $P sees "Or put it back: Set the old secret on both sides again"
mira presses Done
expect mira on $P sees "It is not so yet."
world authentik-not-ready off
mira presses Done
expect mira on $P sees "Sign in with a clean browser, with your own address, to the end."
mira presses Done
advance 20s
advance 20s
advance 20s
advance 20s
advance 20s
expect mira on $P sees "SEQN Auth lists no session of m•••@seqn.example that began since"
world add-session acme mira@seqn.example
mira presses Done
expect mira on $P sees "Delete the old secret from the store when a day has passed"
mira presses Done
expect mira on $P sees "Done and confirmed"
expect mira on $P sees "The dated note, for the ticket and the operations log:"
expect mira on $P sees "rollback: Set the old secret on both sides again"
expect channel support on $P sees "Done and confirmed: rotate the OIDC client secret (OIDC_CLIENT_SECRET)."
expect audit rotate-credential not_so_yet x3
lee on $P types /case show
expect lee on $P sees "OIDC client secret (OIDC_CLIENT_SECRET) rotated"
