# platforms: slack discord console
# A dry run shows the plan and stops before the act.
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-11 reason="lost" dry-run=true
expect kim on $P sees "Dry run"
expect kim on $P no-button Confirm
expect effects 0
expect audit revoke-session dry_run_shown x1
