# platforms: slack discord
# The next update is promised, reminded of before, when due, and when missed; snoozing moves it.
kim on $P types /incident open "Sign-in is slow" severity=sev1 impact="sign-in takes 30 seconds" routes=/auth/login mitigation="we look" commander=@mira comms=@lee
kim presses Confirm
expect kim on $P sees "Done and confirmed"
advance 26m
expect lee on $P sees "the next update is promised for"
advance 5m
expect mira on $P sees "It is due now"
advance 11m
expect mira on $P sees "late. Send one with"
expect kim on $P sees "late. Send one with"
lee on $P types /incident snooze 1h reason="waiting for the vendor" incident=INC-1
lee presses Confirm
expect lee on $P sees "Done and confirmed"
expect audit incident reminded x3
