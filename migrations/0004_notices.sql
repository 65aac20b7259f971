-- What is owed to surfaces other than a member of staff: rooms, pagers, push, status pages, trackers, webhooks.
-- Times are UTC milliseconds. Columns that hold JSON say so.

create table notice (
    id integer primary key autoincrement,
    key text not null unique,                   -- the same at each try
    target text not null,
    subject text not null,                      -- order is kept for each (target, subject)
    pages integer not null check (pages in (0, 1)),
    ends integer not null check (ends in (0, 1)),
    request text,                               -- the request that owes it, where there is one
    content text not null,                      -- json
    state text not null check (state in ('owed', 'sent', 'failed', 'superseded')),
    first_owed integer not null,
    not_before integer not null,
    leased_until integer not null,
    attempts integer not null,
    doubts integer not null,                    -- tries of which nobody knows what came
    why text not null,
    receipt text not null,
    url text,
    ended integer
) strict;
create index notice_owed on notice (target, subject, id) where state = 'owed';
create index notice_subject on notice (subject, id);
create index notice_failed on notice (ended) where state = 'failed';

-- The far object that later notices of a subject belong to: an incident, an issue, a channel.
create table far_object (
    target text not null,
    subject text not null,
    object text not null,
    primary key (target, subject)
) strict;
