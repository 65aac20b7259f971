# platforms: slack discord console
# Why a person cannot sign in: the identity, the workspaces and the failed tries of a day; nothing is changed.
kim on $P types /seqn sign-in acme jo@acme.example ticket=SUP-61
expect kim on $P sees "Something keeps jo@acme.example from signing in to acme."
expect kim on $P sees "2 failed sign-ins of this person in a day"
kim presses Details
expect kim on $P sees "192.0.•.•"
expect kim on $P never-sees "192.0.2.66"
expect kim on $P sees "The person is also in globex (member)"
expect kim on $P sees "Please sign in once more in a private window"
# It was not the person: the next step knows the customer, and asks for the rest.
kim presses It was not the person: end sessions
kim submits ticket=SUP-61 reason="sign-ins that were not the person's"
expect kim on $P sees "Which session of jo@acme.example in acme shall end?"
kim presses Cancel
kim types /seqn sign-in acme nora@acme.example
expect kim on $P sees "Nothing in sight keeps nora@acme.example from signing in to acme."
expect kim on $P sees "Authentik writes the e-mail in another case: Nora@Acme.example"
kim types /seqn sign-in acme twin@acme.example
expect kim on $P sees "2 identities have this e-mail: twin, twin-old."
kim types /seqn sign-in acme ghost@acme.example
expect kim on $P sees "Authentik has no identity with the e-mail ghost@acme.example."
kim types /seqn sign-in acme gil@acme.example
expect kim on $P sees "The person is not in acme, but in globex (admin)."
kim types /seqn sign-in acme nobody@acme.example
expect kim on $P sees "public sign-up has made no tenant workspace"
# A rotation is spoken of only when a named member of staff confirmed the mismatch, with evidence.
kim types /seqn sign-in acme nora@acme.example mismatch-by=@lee
expect kim on $P sees "A confirmed mismatch needs both"
kim types /seqn sign-in acme nora@acme.example mismatch-by=@stranger evidence="callback error at 12:00"
expect kim on $P sees "not by a member of staff"
kim types /seqn sign-in acme nora@acme.example mismatch-by=@lee evidence="invalid_client at 12:00 in the API log"
expect kim on $P sees "Lee confirmed that Authentik and SEQN Auth hold different client secrets"
kim presses Show how the client secret is rotated
expect kim on $P sees "Rotating: OIDC client secret"
# A platform admin of ours belongs into SEQN-A.
kim types /seqn sign-in acme mira@seqn.example
expect kim on $P sees "Mira is a platform admin, and in SEQN-A."
world issuer-wrong on
kim types /seqn sign-in acme nora@acme.example
expect kim on $P sees "everybody is affected"
expect effects 0
