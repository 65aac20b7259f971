# platforms: slack discord
# A group of Authentik and an attribute that an admin wrote make somebody staff; leaving the group ends it.
world identity on
crash
eve on $P types /seqn whoami
expect eve on $P sees "It is not linked to a member of staff."
world attribute eve seqn_slack T0SEQN/U0EVE
world attribute eve seqn_discord 910000000000000007
eve types /seqn whoami
world joins eve SEQN-Support
advance 30s
expect audit rights gained
eve types /seqn whoami
expect eve on $P sees "You are Eve Marsh."
expect eve on $P sees "support (group SEQN-Support)"
eve types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-7 reason="lost laptop"
expect eve on $P button Confirm
# She leaves between the preview and her yes, a moment after the roster was read last.
world leaves eve SEQN-Support
eve presses Confirm
expect eve on $P sees "Its action or its requester is gone. Nothing was changed."
expect audit rights lost x1
expect audit revoke-session refused x1
eve types /seqn whoami
expect eve on $P sees "It is not linked to a member of staff." x3
expect effects 0
expect audit chain whole
