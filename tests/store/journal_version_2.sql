-- A journal as bulkio wrote it in version 2. Never changed: whatever comes later must read it.
PRAGMA user_version = 2;
BEGIN TRANSACTION;
CREATE TABLE attempt (
    number INTEGER PRIMARY KEY, operations TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL,
    before TEXT NOT NULL, children_before TEXT NOT NULL, sent_at TEXT NOT NULL, deadline REAL NOT NULL,
    result TEXT NOT NULL DEFAULT '', status INTEGER NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '',
    sum INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO "attempt" VALUES(1,'["done"]','POST','/Customers/g1','{"CustomerName":"Zürich \u00e9"}','{"CreditLimit":1.50,"Notes":"a\nb''c"}','[]','2026-01-31T09:00:00.000Z',1769850300.25,'acked',200,'',3665089249);
INSERT INTO "attempt" VALUES(2,'["lost"]','POST','/Customers/g1/Contacts','{"FirstName":"Eve"}','{"Contacts":[{"Guid":"k1"}]}','["k1"]','2026-01-31T09:00:01.000Z',1769850301.0,'unknown',0,'no answer',3272514);
INSERT INTO "attempt" VALUES(3,'["begun"]','DELETE','/Customers/g1/Contacts/k1','','{"Contacts":[{"Guid":"k1"}]}','["k1"]','2026-01-31T09:00:02.000Z',1769850302.0,'',0,'',332508127);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO "meta" VALUES('run_id','20260131T090000-abcdef');
INSERT INTO "meta" VALUES('plan_id','p');
INSERT INTO "meta" VALUES('calls','4');
CREATE TABLE operation (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, status TEXT NOT NULL, guid TEXT NOT NULL, message TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0, sum INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO "operation" VALUES('planned',0,'planned','','',0,247583164);
INSERT INTO "operation" VALUES('done',1,'verified','g1','',1,73487353);
INSERT INTO "operation" VALUES('lost',2,'unknown','','no answer',2,483163389);
INSERT INTO "operation" VALUES('begun',3,'intent','','',3,593518839);
COMMIT;
