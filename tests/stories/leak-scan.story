# platforms: slack discord
# A scan of a channel: a dry run first, a second person, then the channel hears how far it is.
fault slack "POST /api/chat.delete" says cant_delete_message x9
fault discord "DELETE /api/v10/channels/" status 403 x9
app on $P in support says the old key {{sk_live}}
expect channel support on $P sees "and I could not remove it."
kim on $P in support types just words
kim on $P in support types /seqn scan-channel since=24h reason="the bot was added today"
expect kim on $P never-sees "dry run"
lee on $P in support types /seqn scan-channel since=24h reason="the bot was added today"
expect lee on $P sees "This is a dry run: nothing was changed."
expect lee on $P sees "Messages: 2"
expect lee on $P sees "project secret key: 1"
expect channel support on $P never-sees "history"
lee presses Ask for approval
mira on $P presses Review
mira presses Approve
expect channel support on $P sees "I have read this channel's history for secrets."
expect lee on $P sees "messages read"
expect audit scan-channel done x1
lee on $P in dm types /seqn scan-channel since=24h reason="nowhere"
expect lee on $P sees "There is no channel here that could be read."
lee on $P in support types /seqn scan-channel since=soon reason="x"
expect lee on $P sees "24h"
expect stored nowhere "{{sk_live}}"
