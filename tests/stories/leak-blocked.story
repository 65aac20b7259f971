# A person's paste is blocked before it is posted, also when it is edited in; the author is told what to do.
kim on discord in support types look at {{sk_live}} please
expect kim on discord sees "Your message was blocked: it held a raw secret."
expect channel support on discord never-sees "{{sk_live}}"
expect channel security on discord sees "blocked before it was posted"
expect channel security on slack sees "blocked before it was posted"
kim types more soon
kim edits more soon => {{private_key}}
expect channel security on slack sees "Leaked: private key" x1
expect stored nowhere "{{sk_live}}"
expect stored nowhere "{{private_key}}"
