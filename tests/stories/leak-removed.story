# platforms: slack discord
# What an app or a person posts with a raw secret is removed, everybody concerned is told, and a case is opened.
app on $P in incidents says the key is {{sk_live}}
expect channel incidents on $P sees "I removed a message here: it held a raw secret."
expect channel incidents on $P sees "project secret key"
expect channel security on slack sees "Leaked: project secret key"
expect channel security on discord sees "Leaked: project secret key"
expect channel security on $P sees "removed."
expect channel security on $P button "Rotate"
expect stored nowhere "{{sk_live}}"
expect audit leak opened x1
expect audit leak removed x1
# The same secret again: one case, counted.
app on $P in random says again {{sk_live}}
expect channel security on $P sees "in 2 messages"
expect audit leak opened x1
expect audit leak seen_again x1
expect audit chain whole
