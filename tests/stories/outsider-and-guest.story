# A Slack Connect user and a guest are refused, although one of them has a linked account.
pat on slack types /seqn whoami
expect pat on slack sees "belongs to another workspace or server"
gus on slack types /seqn whoami
expect gus on slack sees "This account may not use the bot."
expect effects 0
