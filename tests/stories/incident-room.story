# platforms: slack discord
# Each incident has a room on both platforms, in which it is worked on: updates, card, notes, duties.
kim on $P types /incident open "Sign-in is slow" severity=sev2 impact="sign-in takes 30 seconds" routes=/auth/login mitigation="we look" commander=@lee
kim presses Confirm
expect channel room on slack sees "INC-1 is open (sev2): Sign-in is slow"
expect channel room on discord sees "INC-1 is open (sev2): Sign-in is slow"
expect channel room on $P sees "your time"
expect channel incidents on slack never-sees "INC-1 is open"
expect channel incidents on discord never-sees "INC-1 is open"
# Whoever has a duty is told what it asks.
expect lee on $P sees "You are commander of INC-1"
expect lee on $P sees "What this asks of you"
# In a room nobody needs to say which incident is meant.
lee on $P in room types /incident update "it is the database" phase=identified
lee presses Confirm
expect channel room on slack sees "INC-1 is identified (sev2), update 2: Sign-in is slow"
expect channel room on discord sees "INC-1 is identified (sev2), update 2: Sign-in is slow"
# One live card in each, edited in place.
expect channel room on slack sees "INC-1: Sign-in is slow (identified, sev2)" x1
expect channel room on discord sees "INC-1: Sign-in is slow (identified, sev2)" x1
lee on $P in room types /incident update "all is well again" phase=resolved
lee presses Confirm
lee on $P in room types /incident close cause="a bad deploy" customer-impact="20 minutes of slow sign-in" prevention="canary first" owner=lee
lee presses Confirm
expect lee on $P sees "Done and confirmed"
# A room stays when its incident is over: what fails again is worked on where everything was said.
lee on $P in room types /incident reopen reason="it fails again"
lee presses Confirm
expect channel room on slack sees "INC-1 goes on: it is"
expect channel room on discord sees "INC-1 goes on: it is"
expect audit chain whole
