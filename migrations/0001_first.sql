-- The first schema. Shipped files are never edited; a change is a new file.
-- Times are UTC milliseconds. Columns that hold JSON say so.

pragma application_id = 1397051726; -- "SEQN": tells our files from those of other programs

-- One request to the bot. `ended` repeats what `state` says, so that an index can be partial on it.
create table request (
    id text not null primary key,
    action text not null,
    version integer not null,
    fields text not null,                       -- json: option name to value
    dry_run integer not null check (dry_run in (0, 1)),
    requester text not null,
    account text not null,                      -- platform:team:user
    place text not null,                        -- json
    ticket text,
    org text,
    state text not null,
    ended integer not null check (ended in (0, 1)),
    revision integer not null,
    asked integer not null,
    changed integer not null,
    outcome text not null,
    open_key text
) strict;
create unique index request_open_key on request (open_key) where open_key is not null and ended = 0;
create index request_state on request (state, asked);
create index request_asked on request (asked);
create index request_requester on request (requester, asked);

create table plan (
    request text not null references request (id) deferrable initially deferred,
    revision integer not null,
    digest text not null,
    plan text not null,                         -- json
    at integer not null,
    primary key (request, revision)
) strict;

-- At most one vote of a person on a revision.
create table vote (
    request text not null references request (id) deferrable initially deferred,
    revision integer not null,
    digest text not null,
    staff text not null,
    account text not null,
    yes integer not null check (yes in (0, 1)),
    reason text not null,
    at integer not null,
    primary key (request, revision, staff)
) strict;

-- Who was shown the full plan of which revision.
create table review (
    request text not null references request (id) deferrable initially deferred,
    revision integer not null,
    staff text not null,
    at integer not null,
    primary key (request, revision, staff)
) strict;

-- The steps of a request, in order.
create table journal (
    request text not null references request (id) deferrable initially deferred,
    seq integer not null,
    pass integer not null,
    step text not null,                         -- json
    state text not null check (state in ('todo', 'doing', 'done', 'failed', 'skipped')),
    outcome text not null,
    attempts integer not null,
    not_before integer,
    began integer,
    ended integer,
    primary key (request, seq)
) strict;
create index journal_waiting on journal (not_before) where state = 'todo' and not_before is not null;

-- One timer of a kind per request. Setting it again gives it a new id.
create table timer (
    id integer primary key autoincrement,
    kind text not null,
    request text not null references request (id) deferrable initially deferred,
    due integer not null,
    unique (request, kind)
) strict;
create index timer_due on timer (due);

-- What came in, by what a redelivery repeats, and the answer it got.
create table delivery (
    key text not null primary key,
    request text references request (id) deferrable initially deferred,
    answer text not null,                       -- json
    at integer not null
) strict;
create index delivery_at on delivery (at);

-- What is owed to somebody. `message` is emptied when it was delivered.
create table outbox (
    id integer primary key autoincrement,
    target text not null,
    key text not null,
    kind text not null check (kind in ('create', 'edit', 'private')),
    address text,                               -- json; for create and edit
    request text references request (id) deferrable initially deferred,
    account text,                               -- for private
    message text not null,                      -- json
    state text not null check (state in ('owed', 'sent', 'failed', 'dropped')),
    first_owed integer not null,
    not_before integer not null,
    leased_until integer not null,
    attempts integer not null,
    why text not null,
    ended integer,
    check ((kind = 'private') = (address is null)),
    check ((kind = 'private') = (account is not null))
) strict;
create index outbox_owed on outbox (target, key, id) where state = 'owed';
create index outbox_failed on outbox (ended) where state = 'failed';

-- The message that a key stands for, as its platform knows it.
create table posted (
    target text not null,
    key text not null,
    channel text not null,
    message text not null,
    at integer not null,
    primary key (target, key)
) strict;

-- The right to answer privately; sealed, and deleted when it ends.
create table handle (
    id integer primary key autoincrement,
    request text not null references request (id) deferrable initially deferred,
    account text not null,
    mode text not null check (mode in ('fresh', 'replace')),
    sealed blob not null,
    expires integer not null,
    form_until integer,
    uses_left integer not null,
    at integer not null
) strict;
create index handle_request on handle (request, account);
create index handle_expires on handle (expires);

-- What was kept of outside audit logs.
create table evidence (
    request text not null references request (id) deferrable initially deferred,
    source text not null,
    id text not null,
    at integer not null,
    action text not null,
    is_after integer not null check (is_after in (0, 1)),
    suspicion text not null,
    primary key (request, source, id)
) strict;

-- Who people were from when on: a row for each change.
create table person (
    staff text not null,
    since integer not null,
    name text not null,
    roles text not null,                        -- json
    accounts text not null,                     -- json
    primary key (staff, since)
) strict;

-- The audit chain: append-only. What may have to be erased is in `audit_detail`.
create table audit (
    seq integer primary key,
    at integer not null,
    staff text,
    action text not null,
    request text,
    outcome text not null,
    commitment blob not null check (length(commitment) = 32),
    prev_hash blob not null unique check (length(prev_hash) = 32),
    hash blob not null unique check (length(hash) = 32)
) strict;
create index audit_request on audit (request, seq);

create table audit_detail (
    seq integer primary key references audit (seq) deferrable initially deferred,
    details text,                               -- json
    salt blob,
    erased_by text,
    erased_at integer,
    check ((erased_at is null) = (details is not null and salt is not null)),
    check ((erased_at is null) = (erased_by is null))
) strict;

-- The newest row of the chain, so that a missing end shows.
create table audit_head (
    one integer primary key check (one = 1),
    seq integer not null,
    hash blob not null
) strict;
insert into audit_head (one, seq, hash) values (1, 0, zeroblob(32));

-- A replacing insert would delete rows without a delete trigger, hence the first of these.
create trigger audit_appends before insert on audit
when new.seq is not (select seq + 1 from audit_head) or new.prev_hash is not (select hash from audit_head)
    or exists (select 1 from audit where hash = new.hash)
begin select raise(abort, 'the audit trail only grows at its end'); end;
create trigger audit_grows after insert on audit
begin update audit_head set seq = new.seq, hash = new.hash where one = 1; end;
create trigger audit_keeps before update on audit
begin select raise(abort, 'the audit trail is append-only'); end;
create trigger audit_stays before delete on audit
begin select raise(abort, 'the audit trail is append-only'); end;
create trigger audit_head_stays before delete on audit_head
begin select raise(abort, 'the audit trail is append-only'); end;
create trigger audit_head_follows before update on audit_head
when not exists (select 1 from audit where seq = new.seq and hash = new.hash) or new.seq < old.seq
begin select raise(abort, 'the audit trail is append-only'); end;
create trigger audit_detail_once before insert on audit_detail
when exists (select 1 from audit_detail where seq = new.seq)
begin select raise(abort, 'audit details are written once'); end;
create trigger audit_detail_erases before update on audit_detail
when new.seq is not old.seq or new.details is not null or new.salt is not null or old.erased_at is not null
begin select raise(abort, 'audit details can only be erased'); end;
create trigger audit_detail_stays before delete on audit_detail
begin select raise(abort, 'audit details can only be erased'); end;
