# A post whose answer is lost is looked for before it is repeated: everybody sees it once.
lee types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-18 reason="exposed"
fault slack "chat.postMessage" drop-after
fault discord "POST /api/v10/channels" drop-after
lee presses Ask for approval
lee submits count=6
advance 1m
expect channel approvals on slack sees "Lee asks for approval." x1
expect channel approvals on discord sees "Lee asks for approval." x1
