# platforms: slack discord
# One account that two people claim is nobody's, whether the configuration or an attribute claims it.
world identity on
crash
kim on $P types /seqn whoami
expect kim on $P sees "You are Kim."
world attribute eve seqn_slack T0SEQN/U0KIM,T0SEQN/U0EVE
world attribute eve seqn_discord 910000000000000001,910000000000000007
world joins eve SEQN-Support
advance 30s
kim types /seqn whoami
expect kim on $P sees "It is linked to several members of staff"
eve on $P types /seqn whoami
expect eve on $P sees "You are Eve Marsh."
# A foreign workspace's account is not taken, and what an attribute holds is never shown.
world attribute eve seqn_slack T0OTHER/U0PAT
world attribute eve seqn_discord {{acme_key}}
advance 30s
kim types /seqn whoami
expect kim on $P sees "You are Kim." x2
eve types /seqn whoami
expect eve on $P sees "It is not linked to a member of staff."
pat on slack types /seqn whoami
expect pat on slack sees "belongs to another workspace or server"
expect secrets nowhere
expect effects 0
