# Deny, and a second vote after it; the approver must have seen the whole plan.
lee types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-9 reason="exposed"
lee presses Ask for approval
lee submits count=6
sam on discord presses Review
expect sam on discord sees "exposed"
sam on discord presses Deny
sam submits reason="not exposed"
expect lee sees "Sam denied it. Nothing was changed."
expect effects 0
