# platforms: slack discord console
kim on $P types /seqn revoke-session org=acme user=jo@acme.example ticket=SUP-8 reason={{sk_live}}
expect kim on $P sees "This holds a raw secret"
expect kim never-sees {{sk_live}}
expect stored nowhere {{sk_live}}
expect audit refusal refused x1
expect effects 0
