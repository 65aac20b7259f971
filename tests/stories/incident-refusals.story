# platforms: slack discord
# What is missing, wrong, not for the public, or not how it stands is said, and nothing is sent.
kim on $P types /incident open "Sign-in is slow" severity=sev2 impact="jo@acme.example cannot sign in" routes=/auth/login mitigation="we look"
expect kim on $P sees "The text holds what may not be said. Nothing was sent."
kim types /incident show INC-9
expect kim on $P sees "There is no incident INC-9."
kim types /incident update "x" incident=seven
expect kim on $P sees "Write its number, such as INC-7"
kim types /incident open "A drill" severity=sev1 impact="none" routes=none mitigation="we practise" kind=drill
kim presses Confirm
expect world pagerduty is nothing
expect world statuspage is nothing
kim types /incident close cause=x customer-impact=x prevention=x owner=x incident=INC-1
expect kim on $P sees "INC-1 is not closed."
kim types /incident reopen reason="again" incident=INC-1
expect kim on $P sees "INC-1 is not reopened."
kim types /incident assign commander @stranger incident=INC-1
expect kim on $P sees "is not a member of staff"
kim types /incident cancel reason="the drill is over" incident=INC-1
kim presses Confirm
expect world pagerduty is nothing
