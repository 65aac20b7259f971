# platforms: slack discord
# The Rotate button of a case gives the exact command, filled in as far as the case knows.
app on $P in incidents says new hook: {{whsec}}
sam on $P in security presses Rotate
expect sam on $P sees "/rotate webhook-secret ORG ENDPOINT cause=exposed confirmed-by=@sam evidence="
app on $P in incidents says old config: {{sk_live}}
sam presses Rotate
expect sam on $P sees "/rotate secret ORG PROJECT cause=exposed confirmed-by=@sam evidence="
