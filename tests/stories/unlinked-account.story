# An account that no member of staff has gets a refusal that says how to be added.
eve types /seqn whoami
expect eve sees "It is not linked to a member of staff."
eve on discord types /seqn whoami
expect eve on discord sees "It is not linked to a member of staff."
expect audit refusal refused x2
expect effects 0
