# Two bots on one database would answer everything twice.
second process
kim types /seqn whoami
expect kim sees "You are Kim."
