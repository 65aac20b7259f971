# platforms: slack discord
# A check that fails twice proposes an incident; one person opens it from there; recovery is told in the same message.
world checks on
crash
expect audit alert proposed x0
fault seqn "GET /v1/config" status 503 x1
advance 5m
advance 5m
expect channel incidents on $P never-sees "proposed"
fault seqn "GET /v1/config" status 503 x5
advance 5m
expect channel incidents on $P never-sees "proposed"
advance 5m
expect channel incidents on $P sees "An incident is proposed: The public configuration cannot be loaded (sev2)"
expect channel incidents on $P sees "Public config, 2 times in a row. It answered 503 instead of 200. Since 2026-11-02 09:15 UTC."
expect channel incidents on $P sees "Nobody else has been told."
# A restart neither forgets nor repeats.
crash
advance 5m
expect channel incidents on $P sees "An incident is proposed" x1
expect audit alert proposed x1
kim on $P in incidents presses Open incident
expect kim on $P form title
kim on $P submits title="Apps do not start" severity=sev2 impact="Some apps may not start." routes=/v1/config mitigation="We are looking for the cause."
expect kim on $P sees "Open an incident: Apps do not start (sev2)?"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
expect channel incidents on $P sees "INC-1 was opened from this: The public configuration cannot be loaded (sev2)"
expect channel incidents on $P no-button "Open incident"
expect audit alert opened_from x1
expect world pagerduty is triggered
kim types /incident timeline INC-1
expect kim on $P sees "Started: 2026-11-02 09:15 UTC"
expect kim on $P sees "Opened from an alert of the scheduled checks"
advance 5m
advance 5m
advance 5m
advance 5m
expect channel incidents on $P sees "It no longer fails: The public configuration cannot be loaded (sev2) (INC-1)"
expect audit alert over x1
kim types /incident timeline INC-1
expect kim on $P sees "Nothing of the alert that this was opened from fails any more."
expect audit chain whole
