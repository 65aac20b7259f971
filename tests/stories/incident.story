# platforms: slack discord
# From the opening to the close, on both platforms and every surface.
kim on $P types /incident open "Sign-in is slow" severity=sev2 impact="sign-in takes 30 seconds" routes=/auth/login mitigation="we look for the cause" commander=@mira
expect kim on $P sees "Open an incident: Sign-in is slow (sev2)?"
expect kim on $P sees "For the public audience:"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
expect world pagerduty is triggered
expect world upptime is open
expect channel support on $P sees "open an incident (sev2): Sign-in is slow"
mira on slack types /incident list
expect mira on slack sees "INC-1 sev2 open: Sign-in is slow"
mira types /incident update "sign-in fails for some" phase=identified incident=INC-1
expect mira on slack sees "Send this update of INC-1?"
mira presses Confirm
expect mira on slack sees "Done and confirmed"
# Two people at once: the later one is told who was first.
kim types /incident severity sev1 reason="all regions" incident=INC-1
mira types /incident severity sev3 reason="it calms down" incident=INC-1
mira presses Confirm
kim presses Confirm
expect kim on $P sees "What there is to do has changed"
expect kim on $P sees "last changed by mira"
kim presses Cancel
mira types /incident update "all is well again" phase=resolved incident=INC-1
mira presses Confirm
expect world pagerduty is resolved
mira types /incident close cause="a bad deploy" customer-impact="20 minutes of slow sign-in" prevention="canary first" owner=mira incident=INC-1
mira presses Confirm
expect mira on slack sees "Done and confirmed"
# One for the incident itself, and one for its prevention.
expect world tracker made is 2
expect world upptime is closed
mira types /incident timeline INC-1
expect mira on slack sees "The timeline of INC-1."
mira types /incident report INC-1
expect mira on slack sees "The report of INC-1."
mira types /incident deliveries INC-1
expect mira on slack sees "pagerduty"
expect audit chain whole
