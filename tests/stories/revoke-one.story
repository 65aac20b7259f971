# A lost laptop: one session ends, asked in Slack, confirmed there.
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1234 reason="lost laptop"
expect kim sees "End one session of jo@acme.example in acme?"
expect kim sees "198.51.•.•"
expect kim never-sees "198.51.100"
expect kim button Confirm
kim presses Confirm
expect world session ses_jo_laptop is revoked
expect world revocations ses_jo_laptop is 1
expect kim sees "Done and confirmed"
expect kim sees "may be signed in again silently"
expect kim sees "already issued stay valid"
expect channel support sees "Done and confirmed: end 1 session of j•••@acme.example in acme."
expect channel support never-sees "jo@acme.example"
expect audit revoke-session done x1
expect audit chain whole
expect effects 1
