# platforms: slack discord
# A message comes onto the timeline by the shortcut or by a reaction, once; what becomes of it is written beside it.
kim on $P types /incident open "Sign-in is slow" severity=sev2 impact="sign-in takes 30 seconds" routes=/auth/login mitigation="we look"
kim presses Confirm
kim on $P in room types the pods are gone
joe on $P notes the pods are gone
expect joe on $P sees "On the timeline of INC-1"
lee on $P notes the pods are gone
expect lee on $P sees "The message was there already."
kim on $P in room types we rolled back at nine
lee on $P reacts pushpin => we rolled back at nine
mira on $P reacts pushpin => we rolled back at nine
expect audit incident-note noted x2
# Another emoji is a reaction and nothing else.
kim on $P in room types lunch is at one
lee on $P reacts eyes => lunch is at one
expect audit incident-note noted x2
# Whoever only reads incidents adds nothing, and elsewhere there is nothing to add to.
obi on $P notes lunch is at one
expect obi on $P sees "observers read them"
kim on $P in random types somewhere else
kim on $P notes somewhere else
expect kim on $P sees "No incident is worked on in this channel or thread."
# What is edited or deleted in chat stays as it was, with what became of it beside it.
kim on $P edits the pods are gone => 6 pods are gone
kim on $P deletes we rolled back at nine
kim on $P in room types /incident timeline INC-1
expect kim on $P sees "Kim: the pods are gone"
expect kim on $P sees "was edited in chat: 6 pods are gone"
expect kim on $P sees "Kim: we rolled back at nine"
expect kim on $P sees "UTC deleted: The message of entry 15 was deleted in chat."
expect audit incident-note deleted x1
# A secret does not come onto a timeline, not even later.
kim on $P in room types the key was replaced
lee on $P notes the key was replaced
kim on $P edits the key was replaced => the key is {{sk_live}} now
expect audit incident-note noted x3
expect stored nowhere {{sk_live}}
expect audit chain whole
