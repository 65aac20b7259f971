# On GitHub everybody who sees the repository reads it. What is said all the same has a reason, and a second person.
lee on discord in support types /case reply "Write to ops@seqn.example about #12" org=acme ticket=SUP-7
expect lee on discord sees "override=email"
lee on discord in support types /case reply "Write to ops@seqn.example about #12" org=acme ticket=SUP-7 override=email reason="they asked for an address"
expect lee on discord sees "everybody who was let into the private repository seqn/support"
lee presses Ask for approval
mira on slack presses Review
expect mira on slack sees "Write to ops@seqn.example about #12"
mira presses Approve
expect lee on discord sees "Done and confirmed: reply to the customer on SUP-7"
expect world tracker SUP-7 replies is 1
kim on slack in support types /case reply "Hello" org=acme ticket=SUP-7 override=email reason="they asked for an address"
expect kim on slack sees "It is tier 2, which lead, admin may ask for."
advance 1m
expect world tracker SUP-7 notes is 1
expect audit chain whole
