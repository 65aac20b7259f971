# Another plan: before and after, a second person, and what is there now is read back.
kim types /seqn set-subscription globex plan=pro ticket=SUP-81 reason="contract signed"
expect kim sees "You may not ask for"
lee on discord types /seqn set-subscription globex plan=pro ticket=SUP-81 reason="contract signed"
expect lee on discord sees "Change the subscription of globex?"
expect lee on discord sees "plan Free (key free)"
expect lee on discord sees "plan Pro (key pro)"
expect lee on discord sees "neither charges nor refunds"
lee presses Ask for approval
mira on slack presses Review
mira presses Approve
expect lee on discord sees "Done and confirmed"
expect effects 1
lee on discord types /seqn set-subscription globex plan=pro ticket=SUP-81 reason="contract signed"
expect lee on discord sees "The subscription of globex is so already."
lee types /seqn set-subscription globex users=9 ticket=SUP-82 reason="trial week"
expect lee on discord sees "Limits of their own need an end"
expect lee on discord sees "Limits of their own need somebody who answers for them"
lee types /seqn set-subscription globex users=nine until=2031-01-01 owner=@lee ticket=SUP-82 reason="trial week"
expect lee on discord sees "Write a whole number"
lee types /seqn set-subscription globex ticket=SUP-82 reason="nothing"
expect lee on discord sees "Say what is to change"
lee types /seqn set-subscription globex users=9 until=2001-01-01 owner=@lee ticket=SUP-82 reason="trial week"
expect lee on discord sees "which is past"
world seqn-missing getSubscription
lee types /seqn set-subscription globex plan=scale ticket=SUP-82 reason="growth"
expect lee on discord sees "offers no look at the subscription of globex here"
expect effects 1
