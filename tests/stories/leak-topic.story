# platforms: slack discord
# A topic cannot be removed: the channel is told, and told again when it was changed.
kim on $P in support topic call with {{sk_live}}
expect channel support on $P sees "The name, topic or purpose of this channel holds a raw secret, and I could not remove it."
expect channel security on $P sees "NOT REMOVED"
advance 2h
expect channel security on $P sees "NOT REMOVED"
kim topic all is well
expect channel support on $P sees "The name, topic or purpose of this channel no longer holds a raw secret."
expect channel security on $P sees "edited, clean now"
expect stored nowhere "{{sk_live}}"
