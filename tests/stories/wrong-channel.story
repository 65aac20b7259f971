kim on slack in random types /seqn revoke-session org=acme user=jo@acme.example ticket=SUP-1 reason="lost phone"
expect kim sees "may not be asked in this channel"
kim on discord in random types /seqn revoke-session org=acme user=jo@acme.example ticket=SUP-1 reason="lost phone"
expect kim on discord sees "may not be asked in this channel"
expect channel random never-sees "jo@acme.example"
expect audit refusal refused x2
