# platforms: slack discord
# From a severity on an alert pages as well. Its page ends when an incident is opened from it, or when it is well again.
world checks on
crash
fault seqn "GET /healthz" status 503 x2
advance 1m
expect world pagerduty is nothing
advance 1m
expect world pagerduty is triggered
expect world pagerduty pages is 1
expect world statuspage is nothing
expect world tracker made is 0
expect channel incidents on $P sees "It was told to those who are paged: ntfy, opsgenie, pagerduty."
advance 1m
expect world pagerduty is triggered
advance 1m
expect world pagerduty is resolved
expect channel incidents on $P sees "No incident was opened from it."
# Several checks that fail at once are one outage.
world authentik-not-ready on
fault seqn "GET /healthz" status 503 x3
advance 1m
advance 1m
expect channel incidents on $P sees "An incident is proposed: Sign-in fails, and 1 more (sev1)"
expect world pagerduty is resolved triggered
advance 1m
kim on $P in incidents presses Open incident
kim on $P submits title="Sign-in fails" severity=sev1 impact="People may not be able to sign in." routes=all mitigation="We are looking for the cause."
kim presses Confirm
expect channel incidents on $P sees "INC-1 was opened from this"
expect world pagerduty is resolved resolved triggered
world authentik-not-ready off
advance 1m
advance 1m
advance 1m
expect channel incidents on $P sees "It no longer fails: Sign-in fails, and 1 more (sev1) (INC-1)"
expect world pagerduty is resolved resolved triggered
expect audit alert paged x2
expect audit alert over x2
expect audit chain whole
