-- What is due now is found without reading what waits behind it, and how an incident stands without reading all that was
-- told of it before.

-- With the state in it the heads of all queues are read from the index alone.
drop index notice_owed;
create index notice_owed on notice (target, subject, id, state) where state = 'owed';
create index notice_newest on notice (subject, target, id);
create index notice_open on notice (subject, id) where state in ('owed', 'failed');

-- A thread is found without its channel, as Discord names what is said in one.
create index incident_room_thread on incident_room (thread, platform, incident);
