# platforms: slack discord
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_phone ticket=SUP-5 reason="lost phone"
fault seqn "DELETE /" retry-after 30
kim presses Confirm
expect effects 0
advance 31s
expect kim on $P sees "Done and confirmed"
expect effects 1
