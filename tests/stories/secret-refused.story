# platforms: slack discord console
# A raw secret in an argument is refused, named by its kind, and kept nowhere.
kim on $P types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-12 reason="key {{sk_live}} leaked"
expect kim on $P sees "This holds a raw secret (project secret key)."
expect kim on $P never-sees "{{sk_live}}"
expect stored nowhere "{{sk_live}}"
expect effects 0
expect audit refusal refused x1
