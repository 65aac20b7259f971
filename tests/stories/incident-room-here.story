# platforms: slack discord
# A place that is there already can be the room; the other platform gets a new one.
kim on $P in support types /incident open "Sign-in is slow" severity=sev2 impact="sign-in takes 30 seconds" routes=/auth/login mitigation="we look" room=here
kim presses Confirm
expect channel support on $P sees "INC-1 is open (sev2): Sign-in is slow"
expect channel room on $P never-sees "INC-1"
kim on $P in support types the pods are gone
joe on $P notes the pods are gone
expect joe on $P sees "On the timeline of INC-1"
kim on $P types /incident show
expect kim on $P sees "INC-1: Sign-in is slow (open, sev2)"
# A private incident is not worked on where others read.
kim on $P in support types /incident open "A breach" severity=sev3 impact="somebody read a backup" routes=none mitigation="we look" kind=private room=here
expect kim on $P sees "A private incident is worked on in rooms of its own"
expect audit chain whole
