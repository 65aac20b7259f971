# platforms: slack discord
# Duties, notes, corrections, the promise, templates: each kept in the timeline, which only grows.
kim on $P types /incident open "Sign-in is slow" severity=sev3 impact="sign-in takes 30 seconds" routes=/auth/login mitigation="we look" started=20m next=2h
kim presses Confirm
expect kim on $P sees "Done and confirmed"
kim types /incident assign commander me incident=INC-1
expect kim on $P sees "Make kim commander of INC-1?"
kim presses Confirm
expect kim on $P sees "You are commander of INC-1"
kim types /incident severity sev2 reason="more are affected" incident=INC-1
kim presses Confirm
expect world pagerduty is triggered
kim types /incident snooze 3h reason="waiting for the vendor" incident=INC-1
kim presses Confirm
kim types /incident note "the deploy of 08:30 was rolled back" incident=INC-1
kim presses Confirm
expect kim on $P sees "Done and confirmed: note in INC-1."
kim types /incident note "it was the deploy of 08:40" corrects=99 incident=INC-1
expect kim on $P sees "There is no entry 99"
kim types /incident show INC-1
expect kim on $P sees "INC-1: Sign-in is slow (open, sev2)"
kim types /incident template update public
expect kim on $P sees "The template for update, for public."
kim types /incident update "sign-in is well again" phase=resolved incident=INC-1
kim presses Confirm
kim types /incident reopen reason="it fails again" incident=INC-1
kim presses Confirm
expect kim on $P sees "Done and confirmed: reopen INC-1."
kim types /incident report INC-1
kim types /incident timeline INC-1 after=30
expect kim on $P sees "reopened"
kim types /incident list
kim types /incident cancel reason="it was the monitoring" incident=INC-1
kim presses Confirm
kim types /incident list closed
expect kim on $P sees "INC-1 sev2 cancelled"
kim types /incident close cause=x customer-impact=x prevention=x owner=x incident=INC-1
expect kim on $P sees "is not closed"
expect audit chain whole
