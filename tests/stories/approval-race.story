# Two approve at the same moment, one on each platform, and one press is brought twice: one yes counts, and it runs once.
lee on discord types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason="token exposed"
lee presses Ask for approval
lee submits count=6
mira on slack presses Review
sam on discord presses Review
quietly mira presses Approve
quietly sam presses Approve
redeliver mira on slack
expect sam on discord sees "This request is already being done."
expect lee on discord sees "Done and confirmed"
mira presses again
expect audit revoke-session approved x1
expect audit revoke-session done x1
expect audit chain whole
