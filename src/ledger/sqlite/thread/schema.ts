import { state } from './request-state.ts'

/** Kept in the file as `user_version`; grows with every change of the tables. */
export const schemaVersion = 5

/** Kept in the file as `application_id`: `Sluc`. */
export const applicationId = 0x536c7563

/** For the age of what waits, and its watermark. Claimed requests are few, and looked through. */
const queuedIndexes = `
  CREATE INDEX queued_by_age ON requests (pipeline, accepted_at) WHERE state < ${state.claimed};
  CREATE INDEX queued_by_event_time ON requests (pipeline, event_time) WHERE state < ${state.claimed};
`

/** Where the sequences of a request stand, by their paths. */
const marks = `
  CREATE TABLE marks (
    seq INTEGER NOT NULL, path TEXT NOT NULL, bytes BLOB NOT NULL, data BLOB, PRIMARY KEY (seq, path)
  ) STRICT, WITHOUT ROWID;
`

/** The octets of requests that stream, of the last run that did; they go when the request is settled. */
const streams = `
  CREATE TABLE IF NOT EXISTS streams (
    seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, token INTEGER NOT NULL, size INTEGER NOT NULL, head BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS pieces (
    seq INTEGER NOT NULL, start INTEGER NOT NULL, octets BLOB NOT NULL, PRIMARY KEY (seq, start)
  ) STRICT;
`

/**
 * `requests` is small and changes often; what is large and changes rarely has tables of its own beside it, so that a
 * change of state writes few pages. `seq` is the order of acceptance.
 *
 * - `position`:   place in the queue of its pipeline and state: the rank when ready, a time when delayed (due) or
 *                 claimed (end of the lease); NULL when settled
 * - `order_key`:  NULL when settled, so that its index holds unsettled requests only
 * - `expires_at`: end of the time to live of a settled request, or of the mark that is left of an expired one
 * - `waiting`:    the note of the run that had it last, as JSON
 *
 * `bytes` is a frame; one that is large is there without its blobs, which are in `data`, behind it in the row, so that
 * who looks at the frame reads nothing of them.
 */
export const schema = `
  CREATE TABLE pipelines (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

  CREATE TABLE requests (
    seq INTEGER PRIMARY KEY,
    pipeline INTEGER NOT NULL,
    id TEXT NOT NULL,
    state INTEGER NOT NULL,
    position INTEGER,
    rank INTEGER NOT NULL,
    token INTEGER NOT NULL,
    version INTEGER NOT NULL,
    deliveries INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    event_time INTEGER,
    order_key TEXT,
    finished_at INTEGER,
    expires_at INTEGER,
    ttl INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    replay_of TEXT,
    waiting TEXT
  ) STRICT;
  CREATE UNIQUE INDEX requests_by_id ON requests (pipeline, id);
  CREATE INDEX queue ON requests (pipeline, state, position) WHERE position IS NOT NULL;
  ${queuedIndexes}
  CREATE INDEX open_by_order_key ON requests (pipeline, order_key, seq) WHERE order_key IS NOT NULL;
  CREATE INDEX finished ON requests (pipeline, state, id) WHERE finished_at IS NOT NULL;
  CREATE INDEX expiring ON requests (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE contents (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL, data BLOB) STRICT;
  ${marks}
  ${streams}
  CREATE TABLE settlements (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL, data BLOB) STRICT;

  CREATE TABLE deduplication (
    pipeline INTEGER NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (pipeline, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX deduplication_by_request ON deduplication (seq);

  CREATE TABLE dead_letters (
    id TEXT NOT NULL,
    seq INTEGER NOT NULL UNIQUE,
    pipeline INTEGER NOT NULL,
    step TEXT,
    code TEXT NOT NULL,
    failed_at INTEGER NOT NULL,
    replayed_as TEXT,
    closed INTEGER NOT NULL,
    PRIMARY KEY (id, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX dead_letters_by_pipeline ON dead_letters (pipeline, closed, id);

  CREATE TABLE documents (
    kind TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (kind, name)
  ) STRICT, WITHOUT ROWID;
`

/**
 * The statements that make the tables of each former version those of the next, which may keep columns that nothing
 * uses.
 */
export const migrations: ReadonlyMap<number, string> = new Map([
  [1, `DROP INDEX open_by_age; DROP INDEX open_by_event_time; ${queuedIndexes}`],
  [
    2,
    `ALTER TABLE requests ADD COLUMN waiting TEXT;
     ALTER TABLE contents ADD COLUMN data BLOB;
     ALTER TABLE progress ADD COLUMN data BLOB;
     ALTER TABLE settlements ADD COLUMN data BLOB;`
  ],
  [3, `${marks} INSERT INTO marks SELECT seq, '', bytes, data FROM progress; DROP TABLE progress;`],
  [4, streams]
])
