# platforms: slack discord
# An edit that reveals a secret is a leak like any other.
kim on $P in support types I will send it
kim edits I will send => password: {{generated}}
expect channel support on $P sees "I removed a message here: it held a raw secret."
expect kim on $P sees "I removed your message: it held a raw secret."
expect kim on $P sees "it must be replaced"
expect channel security on $P sees "Leaked: "
expect stored nowhere "{{generated}}"
