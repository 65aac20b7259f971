# platforms: slack discord console
kim on $P types /seqn rate-limit /v1/me retry-after=soon times=noon source=everybody
expect kim on $P sees "Write whole seconds"
expect kim on $P sees "Write times of the day"
expect kim on $P sees "Write one IP address"
expect effects 0
