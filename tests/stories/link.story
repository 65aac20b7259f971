# platforms: slack discord
# What the logs know is shown, the chosen entries are linked, and both sides answer: the ticket's and the entry's.
kim on $P types /seqn link acme ticket=SUP-7 user=jo@acme.example
expect kim on $P sees "Which of"
expect kim on $P sees "seqn project.secret_rotated"
expect kim on $P sees "authentik "
kim chooses All
expect kim on $P sees "Link 13 entries to SUP-7?"
kim presses Confirm
expect kim on $P sees "Done and confirmed: link"
expect world tracker SUP-7 notes is 1
lee on $P types /audit ticket SUP-7
expect lee on $P sees "that are linked, the newest first"
expect lee on $P sees "SUP-7, link by kim"
# By ids; what is not there is said, and nothing is linked.
kim types /seqn link acme ticket=SUP-7 entries=aud_none
expect kim on $P sees "I did not find aud_none there."
kim types /seqn link acme ticket=SUP-7 since=2001-01-01T00:00Z until=2001-01-02T00:00Z
expect kim on $P sees "The logs have no such entry since 2001-01-01"
kim types /seqn link acme ticket=SUP-7 incident=INC-99
expect kim on $P sees "There is no such incident."
lee types /audit entry aud_none
expect lee on $P sees "aud_none is linked to nothing."
expect audit chain whole
