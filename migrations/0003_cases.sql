-- Cases: one customer's problem, its checklist, and what was noted. No column ever holds a raw secret.

create table case_file (
    id text not null primary key,               -- the request that opened it
    state text not null check (state in ('open', 'closed')),
    class text not null,
    ticket text not null,
    org text not null,
    project text,
    user text,
    request_id text,
    happened text,                              -- the approximate time, as it was given
    route text,
    platform text not null,
    channel text not null,
    thread text not null,                       -- empty outside threads
    opened_by text not null,
    opened integer not null,
    closed_by text,
    closed integer,
    outcome text not null
) strict;
-- A case lives in a channel or a thread: one open case each.
create unique index case_here on case_file (platform, channel, thread) where state = 'open';
create index case_recent on case_file (state, opened);

-- Its checklist. `action`: the command whose answer is the evidence; null for what only a person can do.
create table case_step (
    case_id text not null references case_file (id) deferrable initially deferred,
    seq integer not null,
    says text not null,
    action text,
    state text not null check (state in ('todo', 'done', 'skipped')),
    staff text,
    evidence text not null,
    at integer,
    primary key (case_id, seq)
) strict;

-- What people noted, each under the request that noted it.
create table case_note (
    request text not null primary key,
    case_id text not null references case_file (id) deferrable initially deferred,
    staff text not null,
    says text not null,
    at integer not null
) strict;
create index case_note_of on case_note (case_id, at);
