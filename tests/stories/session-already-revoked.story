# platforms: slack discord console
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_revoked ticket=SUP-2 reason="lost laptop"
expect kim on $P sees "The session ses_jo_revoked was already revoked. Nothing was changed."
expect effects 0
