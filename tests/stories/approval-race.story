# Two have reviewed it, one on each platform; the second yes comes late, and the first press is brought twice: it runs once.
lee on discord types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed"
lee presses Ask for approval
lee submits count=6
mira on slack presses Review
sam on discord presses Review
mira presses Approve
expect lee on discord sees "Done and confirmed"
sam presses Approve
expect sam on discord sees "This request has already ended."
redeliver mira on slack
mira presses again
expect audit revoke-session approved x1
expect audit revoke-session done x1
expect audit chain whole
