# Where nothing may be asked, that is said before anything about the options.
kim on slack in random types /seqn revoke-session org=acme user=nobody ticket=SUP-1 reason="lost phone"
expect kim sees "may not be asked in this channel" x1
expect kim never-sees "I could not read that"
kim on slack in random types /seqn revoke-session org=acme user=jo@acme.example reason="lost phone" session=latest
expect kim never-sees "A ticket is needed"
expect kim sees "may not be asked in this channel" x2
kim on discord in random types /seqn revoke-session org=acme user=nobody ticket=SUP-1 reason="lost phone"
expect kim on discord sees "may not be asked in this channel" x1
expect audit refusal refused x3
expect audit refusal bad_input x0
