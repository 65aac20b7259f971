-- Sign-ins that chat accounts have asked for, and who signed in. Times are UTC milliseconds.

create table login (
    state text not null primary key,            -- hex: SHA-256 of what the link holds
    account text not null,                      -- platform:team:user
    nonce text not null,
    verifier blob not null,                     -- sealed
    at integer not null,
    expires integer not null,
    came integer,                               -- when somebody came back with it: once
    identity text,                              -- the uuid of whoever had signed in
    check (identity is null or came is not null)
) strict;
create index login_account on login (account, at);
