# platforms: slack
# Answers in threads are read like anything else, and the warning stays in the thread.
kim on $P in support types how do I sign in?
lee on $P in support/latest types use {{whsec}}
expect lee on $P sees "I removed your message: it held a raw secret."
expect channel support on $P sees "I removed a message here: it held a raw secret."
expect channel security on $P sees "webhook"
expect stored nowhere "{{whsec}}"
