# platforms: discord
# A topic cannot be removed: its author is told to change it, and reminded.
kim on $P in support topic call with {{sk_live}}
expect channel support on $P sees "The name, topic or purpose of this channel holds a raw secret, and I could not remove it."
expect channel security on $P sees "NOT REMOVED, its author was told"
expect stored nowhere "{{sk_live}}"
