-- What became of a new key that SEQN Auth made for a step of ours. The key itself is in no column: `sealed` is what age
-- made of it for its receivers, `prefix` is how it begins, as far as that may be shown.

create table handed (
    request text not null references request (id) deferrable initially deferred,
    seq integer not null,
    org text not null,
    key text not null,                          -- json
    prefix text not null,
    way text not null,
    sealed text,                                -- age, in ASCII armor; null where nothing is sealed
    state text not null check (state in ('sealed', 'begun', 'arrived', 'failed', 'lost')),
    why text not null,
    at integer not null,
    ended integer,
    primary key (request, seq)
) strict;

-- What was sealed is the only copy there is.
create trigger handed_stays before delete on handed begin
    select raise(abort, 'what became of a key is not deleted');
end;
create trigger handed_sealed_stays before update of sealed on handed begin
    select raise(abort, 'what was sealed is not changed');
end;
