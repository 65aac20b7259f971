-- When the end of the audit trail was last published outside, and what the trail is asked by. Times are UTC milliseconds.

create table audit_published (
    one integer primary key check (one = 1),
    at integer not null,
    seq integer not null,
    hash blob not null check (length(hash) = 32)
) strict;

create index audit_action on audit (action, seq);
create index request_ticket on request (ticket) where ticket is not null;
create index request_org on request (org) where org is not null;
