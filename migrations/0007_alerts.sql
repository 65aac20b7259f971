-- Checks that are made on a schedule, and alerts: what is wrong as a source outside chat says it.
-- Times are UTC milliseconds. Columns that hold JSON say so.

create table health_check (
    subject text not null primary key,
    due integer not null,                       -- when it is made next
    failures integer not null,                  -- how often in a row it failed
    successes integer not null,                 -- how often in a row it went well
    since integer,                              -- the first failure of that row
    down integer not null check (down in (0, 1)) -- it counts as failing, and was said to
) strict;
create index health_check_due on health_check (due);

-- One outage as one source sees it: proposed as an incident once.
create table alert (
    id text not null primary key,
    source text not null,
    grouping text not null,                     -- which alerts of a source belong together
    severity text not null,                     -- the worst that was told
    raised integer not null,
    paged text not null,                        -- json: the surfaces that were paged
    incident text,                              -- the incident that was opened from it
    stale integer not null check (stale in (0, 1)), -- its message is to be written anew
    ended integer                               -- when nothing of it was wrong any more
) strict;
create unique index alert_open on alert (source, grouping) where ended is null;
create index alert_stale on alert (id) where stale = 1;
create index alert_ended on alert (ended) where ended is not null;

-- What is wrong. Reported again it is the same line: by its fingerprint and when it began.
create table alert_line (
    alert text not null references alert (id) on delete cascade,
    fingerprint text not null,
    began integer not null,
    severity text not null,
    line text not null,                         -- json
    ended integer,
    primary key (fingerprint, began)
) strict;
create index alert_line_of on alert_line (alert, began);

-- The requests that a press on the proposal led to: the form, and what was sent with it.
create table alert_ask (
    request text not null primary key,
    alert text not null references alert (id) on delete cascade
) strict;
