# platforms: slack discord
# Once a week the security channels hear how many leaks there were, by kind, without values.
advance 1h
advance 2h
app on $P in incidents says key {{sk_live}}
app on $P in random says hook {{whsec}}
expect channel security on $P never-sees "Leaks this week"
advance 167h
expect channel security on slack sees "Leaks this week: 2 seen or moved, 2 not yet closed."
expect channel security on discord sees "Leaks this week: 2 seen or moved, 2 not yet closed."
expect channel security on $P sees "project secret key, open: 1"
sam on $P in security types /seqn leaks state=open
expect sam on $P sees "2 open leak cases."
expect stored nowhere "{{sk_live}}"
