# platforms: slack
# Slack delivers an event again when it saw no ack: nothing is told twice, and it is one case.
kim on $P in support types key {{sk_live}}
redeliver kim on $P
expect channel support on $P sees "I removed a message here: it held a raw secret." x1
expect channel security on $P sees "Leaked: " x1
expect channel security on $P sees "in 1 message"
expect audit leak opened x1
expect audit leak seen_again x0
expect audit leak removed x1
