# Autocomplete is authorised first: a stranger is offered nothing.
kim on discord types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-3 reason="lost phone"
kim completes /seqn revoke-session org=ac => acme
eve on discord completes /seqn revoke-session org=ac => nothing
