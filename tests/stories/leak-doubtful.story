# platforms: slack discord
# What only looks generated stays; its author is asked alone, and the answer is remembered.
kim on $P in support types build {{generated}} failed
expect kim on $P sees "Did you post a secret?"
expect channel support on $P never-sees "secret"
expect channel security on $P never-sees "Leaked"
kim presses Not a secret
expect kim on $P sees "Noted: this is no secret."
lee on $P in random types and {{generated}} again
expect lee on $P never-sees "Did you post a secret?"
expect audit leak harmless x1
