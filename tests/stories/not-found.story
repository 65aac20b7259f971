# Sessions that are not there, not theirs, or already ended: each its own true sentence, and nothing is done.
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_revoked ticket=SUP-4 reason="check"
expect kim sees "The session ses_jo_revoked was already revoked. Nothing was changed."
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_globex ticket=SUP-4 reason="check"
expect kim sees "jo@acme.example has no session ses_jo_globex in acme."
kim types /seqn revoke-session org=nowhere user=jo@acme.example session=latest ticket=SUP-4 reason="check"
expect kim sees "SEQN Auth knows no user jo@acme.example in the organization nowhere."
expect effects 0
