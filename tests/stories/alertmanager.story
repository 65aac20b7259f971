# platforms: slack discord
# What an Alertmanager reports is proposed once, however often it is reported; strangers are refused.
alertmanager fires DiskFull severity=warning summary="The disk of db-1 is nearly full" instance=db-1
expect channel incidents on $P sees "An incident is proposed: The disk of db-1 is nearly full (sev3)"
expect channel incidents on $P sees "DiskFull (db-1)."
expect world pagerduty is nothing
# Whoever may not open an incident may not open one from here.
obi on $P in incidents presses Open incident
expect obi on $P sees "You may not ask for `incident-open` here."
alertmanager stranger
alertmanager repeats
advance 5m
alertmanager fires DiskFull severity=warning summary="The disk of db-1 is nearly full" instance=db-1
expect channel incidents on $P sees "An incident is proposed" x1
alertmanager fires SignInDown severity=critical summary="Sign-in is down {{sk_live}}" description="<!channel> @everyone look"
expect channel incidents on $P never-sees "{{sk_live}}"
expect stored nowhere {{sk_live}}
expect channel incidents on $P sees "An incident is proposed" x2
expect world pagerduty is triggered
# The impact and the routes of it nobody knows: the form asks for them.
kim on $P in incidents presses Open incident
expect kim on $P form impact
alertmanager resolves SignInDown
alertmanager repeats
expect channel incidents on $P sees "It no longer fails: Sign-in is down"
expect channel incidents on $P sees "No incident was opened from it."
expect world pagerduty is resolved
# What is over opens no form.
kim presses again
expect kim on $P sees "I do not know this control."
# An end that comes late ends nothing that began later.
advance 5m
alertmanager fires SignInDown severity=critical summary="Sign-in is down"
expect world pagerduty is resolved triggered
alertmanager resolves DiskFull
expect channel incidents on $P sees "An incident is proposed" x1
expect audit alert over x2
expect audit chain whole
