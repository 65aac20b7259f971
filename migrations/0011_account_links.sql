-- Chat accounts that admins have linked to people: by whom, agreed by whom, and until when. Times are UTC milliseconds.

create table account_link (
    request text not null primary key references request (id),   -- the one that linked it
    account text not null,                                       -- platform:team:user
    identity text,                                               -- the person's uuid at Authentik, or
    staff text,                                                  -- the staff id of the configuration
    by_staff text not null,
    agreed text not null,                                        -- a JSON list of staff ids
    at integer not null,
    ended_request text references request (id),
    ended_by text,
    ended_at integer,
    check ((identity is null) <> (staff is null)),
    check ((ended_at is null) = (ended_by is null))
) strict;
create unique index account_link_one on account_link (account) where ended_at is null;
