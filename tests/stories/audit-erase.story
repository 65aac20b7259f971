# platforms: slack discord
# A user asks to be forgotten: an admin asks, another role agrees, the details go, and the chain stays whole.
lee on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-7 reason="lost"
lee presses Confirm
lee on $P types /audit erase acme jo@acme.example ticket=SUP-7 reason="the user asks for it"
expect lee on $P sees "You may not ask for"
mira on $P types /audit erase acme jo@acme.example ticket=SUP-7 reason="jo@acme.example asks for it"
expect mira on $P sees "Write it without the address."
mira on $P types /audit erase acme jo@acme.example ticket=SUP-7 reason="the user asks for it" dry-run=true
expect mira on $P sees "Dry run"
expect audit audit-erase dry_run_shown x1
mira on $P types /audit erase acme jo@acme.example ticket=SUP-7 reason="the user asks for it"
expect mira on $P sees "Erase the details of"
mira presses Ask for approval
sam on $P in approvals presses Review
sam presses Approve
sam submits org=acme reason="seen in SUP-7"
expect mira on $P sees "Done and confirmed: erase the details of"
expect channel support on $P never-sees "jo@acme.example"
expect audit audit-erase done x1
mira on $P types /audit action revoke-session
expect mira on $P sees "Details erased by mira"
mira on $P types /audit erase globex jo@globex.example ticket=SUP-81 reason="another one"
expect mira on $P sees "There is nothing to erase."
expect audit chain whole
