# platforms: slack discord
# What was said while the bot was away is read when it comes back.
platform slack forgets
kim on $P in support types hello
lee on $P in random types hello
advance 2m
away
app on $P in support says forgotten {{sk_live}}
back
expect channel support on $P sees "I removed a message here: it held a raw secret."
expect audit leak opened x1
expect audit leak removed x1
