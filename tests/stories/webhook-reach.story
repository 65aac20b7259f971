# platforms: slack discord console
# The receiver is asked from here, and led nowhere: a host once a minute, no address that is not public, no redirect.
kim on $P types /seqn webhook acme wh_orders
expect kim on $P sees "hooks.acme.example (wh_orders) can be reached from here: it answers HEAD with 405."
expect kim on $P sees "The certificate of hooks.acme.example (wh_orders) is accepted, and good for 40 days."
kim types /seqn webhook acme
expect kim on $P sees "billing.acme.example (wh_billing) can be reached, and fails (503)."
expect kim on $P sees "The name legacy.acme.example (wh_legacy) has no address."
# What is asked again within a minute is answered with what was found.
world receiver hooks.acme.example private
advance 30s
kim types /seqn webhook acme wh_orders
expect kim on $P sees "it answers HEAD with 405. That was looked at 30 s ago; a host is asked once a minute."
advance 30s
kim types /seqn webhook acme wh_orders
expect kim on $P sees "hooks.acme.example (wh_orders) leads to a private network (10.0.0.0/8). I do not ask such an address"
world receiver hooks.acme.example half-private
advance 60s
kim types /seqn webhook acme wh_orders
expect kim on $P sees "where clouds keep their metadata (169.254.0.0/16)"
world receiver hooks.acme.example 302
advance 60s
kim types /seqn webhook acme wh_orders
expect kim on $P sees "answers with a redirect (302), which no delivery follows."
world receiver hooks.acme.example expired
advance 60s
kim types /seqn webhook acme wh_orders
expect kim on $P sees "does not prove who it is. Its certificate has expired."
world receiver hooks.acme.example other-name
advance 60s
kim types /seqn webhook acme wh_orders
expect kim on $P sees "Its certificate is for another name."
world receiver hooks.acme.example stranger
advance 60s
kim types /seqn webhook acme wh_orders
expect kim on $P sees "Its certificate was made by an issuer that this machine does not trust."
world receiver hooks.acme.example ends-soon
advance 60s
kim types /seqn webhook acme wh_orders
expect kim on $P sees "The certificate of hooks.acme.example (wh_orders) ends in 3 days."
world receiver hooks.acme.example closed
advance 60s
kim types /seqn webhook acme wh_orders
expect kim on $P sees "takes no connection on port 443 from here."
expect effects 0
