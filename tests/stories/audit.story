# platforms: slack discord
# The trail from either side: by ticket, case, user, organization and action; masked, page by page.
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-7 reason="lost, says jo@acme.example"
kim presses Confirm
kim on $P types /seqn set-role acme jo@acme.example role=admin ticket=SUP-7 reason="Ada asked"
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-7 reason="lost" dry-run=true
kim on $P types /audit ticket SUP-7
expect kim on $P sees "You may not ask for"
lee on $P types /audit ticket SUP-7
expect lee on $P sees "The audit trail of ticket SUP-7: rows"
expect lee on $P sees "revoke-session done (SUP-7, acme, "
expect lee on $P sees "refusal refused"
expect lee on $P sees "dry_run_shown"
expect lee on $P sees "audit export --database FILE --ticket SUP-7"
expect lee on $P never-sees "jo@acme.example"
lee presses Older
expect lee on $P sees "revoke-session asked"
lee on $P types /audit user jo@acme.example
expect lee on $P sees "The audit trail of user j•••@acme.example: rows"
lee on $P types /audit org acme since=2020-01-01
expect lee on $P sees "The audit trail of organization acme: rows"
lee on $P types /audit action set-role
expect lee on $P sees "The audit trail of action set-role: rows"
lee on $P types /audit case
expect lee on $P sees "No case lives here."
kim on $P types /case open acme ticket=SUP-7 class=authorization
kim presses Confirm
lee on $P types /audit case
expect lee on $P sees "The audit trail of case rq-"
lee on $P types /audit org nobody-here
expect lee on $P sees "The audit trail has no row of organization nobody-here."
expect audit chain whole
