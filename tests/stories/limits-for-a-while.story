# Limits for a while have an owner and an end, at which they are taken back and everybody is told.
lee on discord types /seqn set-subscription acme users=12000 until="2026-11-02 12:00" owner=@kim ticket=SUP-83 reason="migration"
expect lee on discord sees "Kim answers for the limits. They are taken back at 2026-11-02 12:00"
lee presses Ask for approval
mira on slack presses Review
mira presses Approve
expect lee on discord sees "Done and confirmed"
kim types /seqn subscription acme
expect kim sees "users: 7 of 12000 (Pro has 10000)"
advance 4h
expect lee on discord sees "Taken back as agreed: give acme back its limits."
expect channel support on discord sees "Taken back as agreed: give acme back its limits."
expect audit set-subscription taken_back x1
kim types /seqn subscription acme
expect kim sees "users: 7 of 10000"
expect audit chain whole
