# platforms: slack discord
# A key in two messages is seen with the second; both are removed, and it is one case.
kim on $P in support types first {{sk_live_head}}
expect channel support on $P never-sees "raw secret"
kim types {{sk_live_tail}}
expect channel support on $P sees "I removed a message here: it held a raw secret." x2
expect audit leak opened x1
expect audit leak removed x2
expect stored nowhere "{{sk_live}}"
expect stored nowhere "{{sk_live_tail}}"
