# platforms: slack discord console
# An endpoint's deliveries say what keeps events away; a test event is followed to its end.
kim on $P types /seqn webhook acme
expect kim on $P sees "Something is wrong with the webhooks of acme."
expect kim on $P sees "wh_legacy is switched off"
expect kim on $P sees "the receiver fails: the customer looks into its log at that time."
kim presses Details
expect kim on $P sees "Verify the signature on the raw body"
expect kim on $P sees "Last deliveries of wh_billing"
kim types /seqn webhook acme wh_orders events="user.created invoice.paid"
expect kim on $P sees "wh_orders is not subscribed to invoice.paid"
kim types /seqn webhook acme wh_nowhere
expect kim on $P sees "acme has no webhook endpoint wh_nowhere."
kim types /seqn webhook initech
expect kim on $P sees "initech has no webhook endpoint."
kim types /seqn webhook acme wh_orders test=yes
expect kim on $P sees "A test event reaches the customer"
# The next step is a button; what it lacks, a form asks.
kim types /seqn webhook acme wh_orders
kim presses Send a test event
kim submits ticket=SUP-90
expect kim on $P sees "Ticket SUP-90. Tier 1"
kim presses Cancel
kim types /seqn webhook acme wh_orders test=yes ticket=SUP-91
expect kim on $P sees "Send a test event to wh_orders?"
kim presses Confirm
expect kim on $P sees "Done and confirmed"
expect effects 1
# A receiver that fails is followed for a while, and then said to fail.
kim types /seqn webhook acme wh_billing test=yes ticket=SUP-92
kim presses Confirm
advance 360s
expect kim on $P sees "NOT CONFIRMED"
expect kim on $P sees "the receiver answered 503"
expect effects 2
