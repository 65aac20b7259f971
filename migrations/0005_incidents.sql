-- Incidents, their timeline, and which deeds were done. Times are UTC milliseconds. Columns that hold JSON say so.

create table incident (
    id text not null primary key,               -- the request that opened it
    number integer not null unique,
    kind text not null check (kind in ('real', 'private', 'drill')),
    title text not null,
    phase text not null check (phase in
        ('open', 'investigating', 'identified', 'monitoring', 'resolved', 'closed', 'cancelled')),
    severity text not null,
    version integer not null,
    updates integer not null,
    parts text not null,                        -- json
    started integer not null,
    next_update integer,
    duties text not null,                       -- json: duty to staff id
    rooms text not null,                        -- json: places
    opened_by text not null,
    opened integer not null,
    changed_by text not null,
    changed integer not null,
    mitigated integer,
    resolved integer,
    closed integer,
    reminded text not null,                     -- the last reminder of the promise that stands; empty: none yet
    look_at integer,                            -- when the promise is looked at next
    stale integer not null check (stale in (0, 1)) -- its cards are to be written anew
) strict;
create index incident_recent on incident (opened);
create index incident_open on incident (opened) where phase not in ('closed', 'cancelled');
create index incident_look on incident (look_at) where look_at is not null;
create index incident_stale on incident (id) where stale = 1;
create trigger incident_kind before update of kind, number, opened, opened_by on incident
begin select raise(abort, 'what an incident is does not change'); end;

-- Where it is worked on: found again by place.
create table incident_room (
    incident text not null references incident (id) deferrable initially deferred,
    platform text not null,
    channel text not null,
    thread text not null,                       -- empty outside threads
    primary key (platform, channel, thread, incident)
) strict;

create table incident_deed (
    request text not null primary key,
    incident text not null references incident (id) deferrable initially deferred,
    version integer not null,
    at integer not null
) strict;

-- The timeline: what is wrong in it is corrected by a later entry.
create table incident_entry (
    incident text not null references incident (id) deferrable initially deferred,
    seq integer not null,
    at integer not null,
    staff text,
    kind text not null,
    says text not null,
    request text,
    posted text,                                -- json: the chat message that it was taken from
    corrects integer,
    primary key (incident, seq)
) strict;
create index incident_entry_posted on incident_entry (posted) where posted is not null;
create trigger incident_entry_stays before delete on incident_entry
begin select raise(abort, 'a timeline only grows'); end;
create trigger incident_entry_keeps before update on incident_entry
begin select raise(abort, 'a timeline only grows'); end;
