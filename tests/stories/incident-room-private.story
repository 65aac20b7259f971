# platforms: slack discord
# A private incident's room is seen by those who work on it, and by whoever gets a duty later.
kim on $P types /incident open "A breach" severity=sev3 impact="somebody read a backup" routes=none mitigation="we look" kind=private commander=@lee
kim presses Confirm
expect kim on $P sees "Done and confirmed"
expect lee on $P sees "This incident is private."
expect joe on $P never-sees "A breach"
lee on $P in room types /incident assign comms @mira
lee presses Confirm
expect mira on $P sees "This incident is private."
expect joe on $P never-sees "A breach"
lee types the backup of march
mira on $P notes the backup of march
expect mira on $P sees "On the timeline of INC-1"
expect audit chain whole
