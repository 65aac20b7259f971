# platforms: slack discord
# What is done in the room of an incident is in its timeline and its report, with the entries of the audit log.
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1234 reason="lost laptop"
kim presses Cancel
kim types /incident open "Sessions are mixed up" severity=sev3 impact="some see the data of others" routes=/auth/login mitigation="we end sessions" room=here
kim presses Confirm
expect kim on $P sees "Done and confirmed"
kim types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1234 reason="lost laptop"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
kim types /incident timeline INC-1
expect kim on $P sees "action by Kim: revoke-session: Done and confirmed: end 1 session of j•••@acme.example in acme."
expect kim on $P sees "Audit-log entries around it"
kim types /incident report INC-1 format=json part=2
expect kim on $P sees "revoke-session: Done and confirmed"
expect audit chain whole
