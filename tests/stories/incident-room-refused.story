# platforms: slack discord
# Where a platform lets the bot open no room, the incident is worked on in the incidents channel, and that is said.
platform slack no-rooms
platform discord no-rooms
kim on $P types /incident open "Sign-in is slow" severity=sev2 impact="sign-in takes 30 seconds" routes=/auth/login mitigation="we look"
kim presses Confirm
expect channel incidents on slack sees "INC-1 is open (sev2): Sign-in is slow"
expect channel incidents on discord sees "INC-1 is open (sev2): Sign-in is slow"
kim types /incident timeline INC-1
expect kim on $P sees "no room could be opened, so it is worked on in the incidents channel"
# What is private is not said there.
kim on $P types /incident open "A breach" severity=sev3 impact="somebody read a backup" routes=none mitigation="we look" kind=private
kim presses Confirm
expect channel incidents on slack never-sees "A breach"
expect channel incidents on discord never-sees "A breach"
kim types /incident deliveries INC-2
expect kim on $P sees "no private room could be opened for it"
expect audit chain whole
