# platforms: slack discord
# What a customer reads is a command of its own: the preview shows who reads it, and the button says what comes of it.
world tracker request-tracker
crash
kim on $P types /case open acme ticket=SUP-7 class=webhook
kim presses Confirm
expect kim on $P sees "Done and confirmed"
# The case's customer and ticket are meant. Nothing internal goes out.
kim types /case reply "Kim saw it in rq-1a2b3c: db-1.internal was down"
expect kim on $P sees "The text holds what may not be said. Nothing was sent."
expect kim on $P sees "override=reference"
expect kim on $P sees "override=mention"
expect kim on $P sees "override=hostname"
kim types /case reply "It works again. Please sign in once more."
expect kim on $P sees "Send this to the customer on SUP-7?"
expect kim on $P sees "customer@mail.example"
expect kim on $P sees "It cannot be taken back."
expect world rt SUP-7 replies is 0
kim presses Send to the customer
expect kim on $P sees "Done and confirmed: reply to the customer on SUP-7"
expect world rt SUP-7 replies is 1
expect world rt SUP-7 reply is "It works again. Please sign in once more."
# What happened before and what came of it are for us: two comments, and no more replies.
advance 1m
expect world rt SUP-7 notes is 2
# The same words again, on purpose, and with an answer that is lost: said before, and sent once.
kim types /case reply "It works again. Please sign in once more."
expect kim on $P sees "WARNING: the same text was sent there at"
fault request-tracker "POST /REST/2.0/ticket/7/correspond" drop-after
kim presses Send to the customer
advance 1m
expect kim on $P sees "Done and confirmed: reply to the customer on SUP-7"
expect world rt SUP-7 replies is 2
# Another customer's ticket, and one that is closed meanwhile.
kim types /case reply "Hello" org=globex ticket=SUP-7
expect kim on $P sees "SUP-7 is a ticket of acme, not of globex."
kim types /case reply "One more thing."
world ticket SUP-7 closed
kim presses Send to the customer
expect kim on $P sees "The ticket SUP-7 is closed. Nothing was sent."
kim types /case reply "Hello" org=globex ticket=SUP-9999
expect kim on $P sees "The tracker has no ticket SUP-9999."
# It cannot be asked: nothing is guessed.
fault request-tracker "GET /REST/2.0" status 503 x2
kim types /case reply "Hello" org=globex ticket=SUP-8
expect kim on $P sees "I could not ask Request Tracker who reads SUP-8"
# It is asked, and down when it is to be sent: it stays owed, that is said, and so is when it goes out.
kim types /case reply "We look at it." org=globex ticket=SUP-8
fault request-tracker "POST /REST/2.0" status 503 x6
kim presses Send to the customer
advance 3m
advance 3m
expect kim on $P sees "The customer has not got it yet"
expect world rt SUP-8 replies is 0
advance 5m
advance 5m
advance 5m
advance 5m
advance 5m
advance 5m
advance 5m
advance 5m
expect world rt SUP-8 replies is 1
expect kim on $P sees "The reply on SUP-8 that was still owed was sent now."
expect audit chain whole
