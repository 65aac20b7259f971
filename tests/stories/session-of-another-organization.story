# platforms: slack discord console
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_globex ticket=SUP-2 reason="lost laptop"
expect kim on $P sees "jo@acme.example has no session ses_jo_globex in acme."
expect world session ses_jo_globex is active
expect effects 0
