# Where the trail ends is told once a day to the security channels, to ntfy and to a file outside; also after a crash, and
# while a surface is down.
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-7 reason="lost laptop"
kim presses Confirm
expect channel security on slack never-sees "The audit trail ends at row"
advance 25h
expect channel security on slack sees "The audit trail ends at row" x1
expect channel security on discord sees "The audit trail ends at row" x1
expect world heads is 1
expect world ntfy title is Audit trail of seqn-chatops
expect world ntfy priority is 1
expect audit audit-head published x1
lee types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed" dry-run=true
kim types /seqn whoami
fault ntfy "POST" status 503 x2
quietly advance 25h
crash
expect world heads is 2
advance 2m
advance 2m
expect world ntfy messages is 2
expect channel security on slack sees "The audit trail ends at row" x2
expect audit audit-head published x2
kim types /seqn health
expect audit chain whole
