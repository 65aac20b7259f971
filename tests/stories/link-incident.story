# What is linked to an incident too stands in its timeline, once; the log of Authentik may be away.
lee types /incident open "Sign-in is slow" severity=sev3 impact="it takes 30 s" routes=/auth/login mitigation="we look"
lee presses Confirm
fault authentik "" status 503 x9
kim types /seqn link acme ticket=SUP-7 user=jo@acme.example entries=all incident=INC-1
expect kim sees "Authentik's log was not read."
expect kim sees "to SUP-7 and INC-1?"
kim presses Confirm
expect kim sees "Done and confirmed: link"
lee types /incident timeline INC-1
expect lee sees "linked to SUP-7"
expect audit chain whole
