# platforms: slack discord
# The key is rotated by the API, and what its receivers alone can open is handed over; nobody else ever has it.
mira on $P types /rotate secret acme portal confirmed-by=@sam evidence="leak case of 09:12" consumers="portal-api" ticket=SUP-96
expect mira on $P sees "Rotate the secret key of portal in acme?"
expect mira on $P sees "acme-platform"
expect mira on $P sees "I have it rotated and never show the new key: it is sealed with age to age17rz2kpls… and 1 more. That way was tried just now."
mira chooses Exposed: somebody may have it
expect mira on $P sees "Rotate the secret key of portal in acme; the new one goes to acme-platform"
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits org=acme reason="the leak case says so"
expect mira on $P sees "Your turn: one step by hand."
expect mira on $P sees "Agree on a time with the customer. Consumers: portal-api."
expect effects 0
mira presses Done
expect effects 1
expect mira on $P sees "This is the secret key of portal, which begins with sk_live_"
expect mira on $P opens acme/portal
expect mira on $P sees "The consumers take it from there, the canary first, and answer well."
mira presses Done
expect mira on $P sees "Done and confirmed"
expect mira on $P sees "confirmed: The new key of portal is the one that holds"
expect channel support on $P sees "Done and confirmed: rotate the secret key of portal in acme."
expect channel support on $P never-sees "BEGIN AGE"
expect audit rotate-secret step_done x1
expect audit rotate-secret done x1
expect world audit project.secret_rotated is 2
expect secrets nowhere
