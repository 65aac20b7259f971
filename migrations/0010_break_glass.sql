-- Requests that ran without the agreement that they needed, and the review of each. Times are UTC milliseconds.

create table break_glass (
    request text not null primary key references request (id),   -- the one that broke it
    of text not null unique references request (id),             -- the one that ran
    staff text not null,
    digest text not null,
    reason text not null,
    at integer not null,
    until integer not null,
    reminded integer not null,                                   -- when its review was last asked for
    reviewed_by text,
    reviewed_at integer,
    justified integer check (justified in (0, 1)),
    review text
) strict;
create index break_glass_open on break_glass (reminded) where reviewed_at is null;
