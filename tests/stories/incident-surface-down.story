# platforms: slack discord
# A surface that is down delays only itself; nobody is paged for what is over; what was given up is tried again.
fault pagerduty "POST" status 503 x6
fault statuspage "POST" status 401 x1
kim on $P types /incident open "Sign-in is slow" severity=sev2 impact="sign-in takes 30 seconds" routes=/auth/login mitigation="we look"
kim presses Confirm
expect world upptime is open
expect world pagerduty is nothing
kim types /incident deliveries INC-1
expect kim on $P sees "statuspage"
kim types /incident deliveries INC-1 retry=statuspage
expect kim on $P sees "Try 1 delivery of INC-1 again?"
kim presses Confirm
expect world statuspage is investigating
kim types /incident cancel reason="a broken probe" incident=INC-1
kim presses Confirm
advance 10m
advance 10m
expect world pagerduty pages is 0
