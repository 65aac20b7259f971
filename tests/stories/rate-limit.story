# platforms: slack discord console
# A caller that does not wait is seen by its times; a rule for it alone is text to copy, and nothing is switched off.
kim on $P types /seqn rate-limit /v1/config retry-after=30 times="12:00:01 12:00:05 12:00:40" source=203.0.113.7 prefix=sk_live_abcd1234
expect kim on $P sees "The caller does not respect Retry-After."
expect kim on $P sees "1 of 2 came before 30 s had passed"
expect kim on $P sees "120 a minute by source"
expect kim on $P sees "remote_ip 203.0.113.7"
expect kim on $P sees "the key has leaked"
expect kim on $P sees "github.com/mholt/caddy-ratelimit"
# The key's owner is found by its prefix; who may ask for a rotation is offered it, and kim is only told.
kim types /seqn rate-limit /v1/config prefix={{acme_prefix}}
expect kim on $P sees "It is the key of the project portal of acme."
expect kim on $P no-button "The key has leaked: rotate it"
mira on $P types /seqn rate-limit /v1/config prefix={{acme_prefix}}
mira presses The key has leaked: rotate it
mira submits ticket=SUP-97 confirmed-by=@sam evidence="429s from one address"
expect mira on $P sees "Rotate the secret key of portal in acme?"
mira presses Cancel
# A log is read for its times and statuses; nothing else of it is kept.
kim types /seqn rate-limit /v1/config retry-after=30 org=acme log="198.51.100.200 someone@acme.example 12:00:01 GET /v1/config 429 198.51.100.200 someone@acme.example 12:00:02 GET /v1/config 200"
expect kim on $P sees "1 of 1 came before 30 s had passed"
expect stored nowhere 198.51.100.200
expect stored nowhere someone@acme.example
kim presses Look at the plan and its limits
expect kim on $P sees "Nothing in the subscription of acme blocks anything."
kim types /seqn rate-limit /v1/me log="no time in it"
expect kim on $P sees "It holds no time of day to the second"
kim types /seqn rate-limit /v1/me times="12:00:01 12:02:05"
expect kim on $P sees "The caller respects Retry-After"
kim types /seqn rate-limit /v1/me answer=subscription_limit_exceeded
expect kim on $P sees "This is the plan's limit, not the pace."
kim types /seqn rate-limit /v1/me change=app-limiter-off
expect kim on $P sees "The limiter is not switched off."
kim presses Propose a rule for the edge
expect kim on $P sees "/v1/me is limited by pace."
expect effects 0
