# platforms: slack discord
# A lost laptop is worked under its case: the session ends with what the case knows, and its step is done by that.
kim on $P types /case open acme ticket=SUP-31 user=jo@acme.example symptom="lost device"
expect kim on $P sees "Proposed: authentication. You decide."
kim chooses Authentication: cannot sign in
kim presses Confirm
# A look that could not be made ticks nothing off.
fault seqn "GET /v1/organizations/acme/sessions" status 503 x1
kim types /seqn revoke-session session=latest reason="lost laptop"
expect kim on $P sees "The sessions could not be looked up. Nothing was changed."
kim types /case show
expect kim on $P sees "4. TO DO: Where a device was lost"
kim types /seqn revoke-session session=latest reason="lost the laptop"
expect kim on $P sees "Ticket SUP-31. Tier 1."
kim presses Confirm
expect kim on $P sees "Done and confirmed"
kim types /case show
expect kim on $P sees "4. done by kim: Where a device was lost"
expect effects 1
