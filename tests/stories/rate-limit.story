# platforms: slack discord console
# A caller that does not wait is seen by its times; a rule for it alone is text to copy, and nothing is switched off.
kim on $P types /seqn rate-limit /v1/config retry-after=30 times="12:00:01 12:00:05 12:00:40" source=203.0.113.7 prefix=sk_live_abcd1234
expect kim on $P sees "The caller does not respect Retry-After."
expect kim on $P sees "1 of 2 came before 30 s had passed"
expect kim on $P sees "120 a minute by source"
expect kim on $P sees "remote_ip 203.0.113.7"
expect kim on $P sees "the key has leaked"
expect kim on $P sees "github.com/mholt/caddy-ratelimit"
kim types /seqn rate-limit /v1/me times="12:00:01 12:02:05"
expect kim on $P sees "The caller respects Retry-After"
kim types /seqn rate-limit /v1/me answer=subscription_limit_exceeded
expect kim on $P sees "This is the plan's limit, not the pace."
kim types /seqn rate-limit /v1/me change=app-limiter-off
expect kim on $P sees "The limiter is not switched off."
expect effects 0
