# Somebody whom the bot does not know, somebody of another workspace, a guest, the wrong channel.
eve types /seqn whoami
expect eve sees "It is not linked to a member of staff."
gus types /seqn whoami
expect gus sees "This account may not use the bot."
pat types /seqn whoami
expect pat sees "belongs to another workspace"
kim in random types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-13 reason="lost"
expect kim sees "may not be asked in this channel"
eve on discord in support completes /seqn revoke-session org=a => nothing
lee on slack in support types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-13 reason="exposed"
lee presses Ask for approval
lee submits count=6
pat in approvals presses Review
expect pat sees "belongs to another workspace"
expect effects 0
