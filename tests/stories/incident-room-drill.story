# platforms: slack discord
# A drill has rooms like a real incident, and everything in them says that it is one.
kim on $P types /incident open "Sign-in is slow" severity=sev1 impact="none, we practise" routes=none mitigation="we practise" kind=drill
kim presses Confirm
expect channel room on slack sees "DRILL: INC-1 is open (sev1): Sign-in is slow"
expect channel room on discord sees "DRILL: INC-1 is open (sev1): Sign-in is slow"
expect channel incidents on slack never-sees "INC-1 is open"
expect world pagerduty is nothing
kim on $P in room types what we found
joe on $P notes what we found
expect joe on $P sees "On the timeline of INC-1"
kim on $P in room types /incident cancel reason="the drill is over"
kim presses Confirm
expect channel room on $P sees "DRILL: INC-1 is cancelled"
expect world pagerduty is nothing
expect audit chain whole
