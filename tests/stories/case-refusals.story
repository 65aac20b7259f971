# platforms: slack discord console
# A case takes no key, and one that is not there is said to be not there.
kim on $P types /case open acme ticket=SUP-8 symptom="{{sk_live}}"
expect kim on $P sees "This holds a raw secret"
expect stored nowhere "{{sk_live}}"
kim types /case list
expect kim on $P sees "There is no open case."
kim types /case show case=rq-none
expect kim on $P sees "There is no case rq-none."
kim types /case close "done" case=rq-none
expect kim on $P sees "There is no case rq-none."
kim types /case open acme ticket=SUP-8 class=webhook --dry-run
expect kim on $P sees "Dry run"
kim types /case list
expect kim on $P sees "There is no open case."
expect effects 0
