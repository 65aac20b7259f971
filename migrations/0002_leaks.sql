-- What the guard saw in chat, and what became of it. No column here ever holds a text that was said.

-- One case per secret, by its keyed fingerprint. `look_at`: when its owner, or its rotation, is looked up next.
create table leak (
    fingerprint text not null primary key,      -- hex
    id text not null unique,
    rule text not null,
    kind text not null,
    prefix text not null,                       -- what may be shown of it
    state text not null check (state in ('open', 'rotating', 'closed')),
    first_seen integer not null,
    last_seen integer not null,
    seen integer not null,
    org text,
    project text,
    outcome text not null,
    look_at integer,
    looked integer not null,
    changed integer not null
) strict;
create index leak_state on leak (state, last_seen);
create index leak_look on leak (look_at) where look_at is not null;

-- One message (or file, or topic) that holds secrets, and what is to be done about it. Also the queue of that work.
create table exposure (
    id integer primary key autoincrement,
    platform text not null,
    channel text not null,
    message text not null,
    place text not null,                        -- json
    account text not null,                      -- platform:team:user
    by_app integer not null check (by_app in (0, 1)),
    seen text not null check (seen in ('new', 'edited', 'listed', 'blocked', 'topic')),
    unread text not null,                       -- json: files whose content is still to be read
    files text not null,                        -- json: ids of files that hold secrets
    state text not null check (state in
        ('unread', 'todo', 'told', 'asked', 'removed', 'gone', 'clean', 'blocked', 'harmless', 'unheeded', 'read')),
    told integer not null check (told in (0, 1)),
    attempts integer not null,
    reminders integer not null,
    not_before integer not null,
    leased_until integer not null,
    first_seen integer not null,
    changed integer not null,
    why text not null,
    unique (platform, channel, message)
) strict;
create index exposure_due on exposure (not_before) where state in ('unread', 'todo', 'told');

-- Which secret was seen in which message. `doubtful`: it may be no secret, and its author is asked.
create table sighting (
    exposure integer not null references exposure (id) deferrable initially deferred,
    fingerprint text not null,                  -- hex
    rule text not null,
    kind text not null,
    prefix text not null,
    doubtful integer not null check (doubtful in (0, 1)),
    at integer not null,
    primary key (exposure, fingerprint)
) strict;
create index sighting_fingerprint on sighting (fingerprint, exposure);

-- What people said is no secret, by fingerprint.
create table judged (
    fingerprint text not null primary key,      -- hex
    account text not null,
    staff text,
    at integer not null
) strict;

-- The last message of each channel that passed the guard.
create table watermark (
    platform text not null,
    channel text not null,
    place text not null,                        -- json
    message text not null,
    at integer not null,
    primary key (platform, channel)
) strict;

-- History that is still to be read, page by page. `page`: what the next page is asked with.
create table backlog (
    id integer primary key autoincrement,
    platform text not null,
    channel text not null,
    place text not null,                        -- json
    request text references request (id) deferrable initially deferred,
    after text not null,
    until text not null,
    page text,
    began integer not null check (began in (0, 1)),
    messages integer not null,
    found integer not null,
    files integer not null,
    state text not null check (state in ('open', 'done', 'failed')),
    why text not null,
    attempts integer not null,
    not_before integer not null,
    leased_until integer not null,
    at integer not null,
    changed integer not null
) strict;
create index backlog_open on backlog (not_before) where state = 'open';
create index backlog_request on backlog (request) where request is not null;

-- When the security channels were last told how many cases there are.
create table summary (
    one integer primary key check (one = 1),
    at integer not null
) strict;
