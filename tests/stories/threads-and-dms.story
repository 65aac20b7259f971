# Slash commands do not work in threads: a mention does; and so does a direct message.
kim in support types @seqn whoami
expect kim sees "You are Kim."
kim on slack in dm types whoami
expect kim on slack sees "You are Kim."
