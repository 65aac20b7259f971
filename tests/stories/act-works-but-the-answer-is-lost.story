# platforms: slack discord
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_phone ticket=SUP-5 reason="lost phone"
fault seqn "DELETE /" drop-after
kim presses Confirm
advance 5s
expect kim on $P sees "Done and confirmed"
expect kim on $P sees "found so by reading back"
expect world revocations ses_jo_phone is 1
expect effects 1
