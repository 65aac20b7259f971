# platforms: slack discord console
# A limit says which it is, how much is used, and when it is free again. Dry runs and what was withdrawn do not count.
world settings [limits] per_person=2 "[limits.actions]" set-role=1
crash
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-7 reason="lost laptop"
kim presses Cancel
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-7 reason="lost laptop" --dry-run
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-7 reason="lost laptop"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
advance 10m
kim types /seqn revoke-session org=acme user=ada@acme.example session=latest ticket=SUP-8 reason="lost laptop"
kim presses Confirm
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-9 reason="lost phone"
expect kim on $P sees "You have asked for 2 of at most 2 changes within an hour (limits.per_person)."
expect kim on $P sees "It is free again at 2026-11-02 10:"
expect audit refusal refused x1
# Looking is free, and so is a dry run; a colleague has a limit of their own.
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-9 reason="lost phone" --dry-run
expect kim on $P sees "Dry run: this is what would be done."
joe on $P types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-9 reason="lost phone"
expect joe on $P button "Confirm"
joe presses Cancel
# A change that was asked for before the hour is full runs; an hour later it is free again.
advance 51m
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-9 reason="lost phone"
expect kim on $P button "Confirm"
expect audit chain whole
