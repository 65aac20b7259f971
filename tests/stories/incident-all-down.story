# platforms: slack discord
# SEQN Auth, Authentik and the tracker are down: an incident is opened all the same, and the tracker hears of it later.
fault seqn "" status 503 x200
fault authentik "" status 503 x200
fault github "/repos/seqn/support" status 503 x2
kim on $P types /incident open "Everything is down" severity=sev1 impact="nobody can sign in" routes=all mitigation="we look" commander=@mira
expect kim on $P sees "Open an incident: Everything is down (sev1)?"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
expect world pagerduty is triggered
expect world statuspage is investigating
expect world upptime is open
expect world tracker made is 0
kim types /incident update "it is the database" phase=identified incident=INC-1
kim presses Confirm
expect kim on $P sees "Done and confirmed: update INC-1: identified"
advance 10m
advance 10m
expect world tracker made is 1
expect audit chain whole
