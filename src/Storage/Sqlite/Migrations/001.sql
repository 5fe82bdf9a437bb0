-- Registers, version 1. docs/formats/registers-store.md says what the tables mean.
-- Sequences are INTEGER PRIMARY KEY, given as max + 1 inside the write transaction: gapless. Times are ISO 8601 UTC text with seven
-- decimals and Z, dates yyyy-MM-dd, so text order is time order.

CREATE TABLE cursors (
    consumer TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL CHECK (position >= 0)
) WITHOUT ROWID;

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;

-- The versioned map. A content is one statement about one feature; a period says on which days it is in force and in which versions
-- it is known. Cutting a period copies no geometry.
CREATE TABLE map_versions (
    version INTEGER PRIMARY KEY,
    layer TEXT NOT NULL,
    known_from TEXT NOT NULL,
    source TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    feature_count INTEGER NOT NULL,
    actor TEXT NOT NULL,
    min_x REAL NOT NULL, max_x REAL NOT NULL, min_y REAL NOT NULL, max_y REAL NOT NULL
);
CREATE TABLE map_contents (
    content INTEGER PRIMARY KEY,
    layer TEXT NOT NULL,
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    document TEXT,
    fields TEXT NOT NULL,
    shape BLOB NOT NULL,
    area_m2 REAL NOT NULL,
    source_crs TEXT NOT NULL,
    min_x REAL NOT NULL, max_x REAL NOT NULL, min_y REAL NOT NULL, max_y REAL NOT NULL,
    UNIQUE (layer, id, hash)
);
CREATE VIRTUAL TABLE map_boxes USING rtree(content, min_x, max_x, min_y, max_y);
CREATE TABLE map_periods (
    period INTEGER PRIMARY KEY,
    content INTEGER NOT NULL REFERENCES map_contents (content),
    layer TEXT NOT NULL,
    id TEXT NOT NULL,
    effective_from TEXT,
    effective_to TEXT,
    known_from INTEGER NOT NULL REFERENCES map_versions (version),
    known_to INTEGER REFERENCES map_versions (version)
);
CREATE INDEX map_periods_of_feature ON map_periods (layer, id, known_to);
CREATE INDEX map_periods_of_content ON map_periods (content);

CREATE TABLE device_imports (
    version INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    source TEXT NOT NULL
);
CREATE TABLE things (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT,
    longitude REAL NOT NULL,
    latitude REAL NOT NULL,
    region_code TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE devices (
    id TEXT NOT NULL PRIMARY KEY,
    thing_id TEXT NOT NULL REFERENCES things (id),
    firmware TEXT,
    secret_hash TEXT NOT NULL,
    enabled INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE datastreams (
    device_id TEXT NOT NULL REFERENCES devices (id),
    name TEXT NOT NULL,
    thing_id TEXT NOT NULL REFERENCES things (id),
    property TEXT NOT NULL,
    unit TEXT NOT NULL,
    expected_interval_ticks INTEGER,
    aggregation TEXT NOT NULL,
    PRIMARY KEY (device_id, name)
) WITHOUT ROWID;

CREATE TABLE scenes (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    acquired_at TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    body TEXT NOT NULL,
    min_x REAL NOT NULL, max_x REAL NOT NULL, min_y REAL NOT NULL, max_y REAL NOT NULL
);
CREATE INDEX scenes_by_time ON scenes (acquired_at);

CREATE TABLE change_sets (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    baseline_scene_id TEXT NOT NULL,
    current_scene_id TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX change_sets_of_current ON change_sets (current_scene_id);

CREATE TABLE findings (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rule_id TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    region_code TEXT,
    phenomenon_end TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX findings_of_subject ON findings (subject_kind, subject_id, sequence);

-- Patches as judged: the patch once, its judgements one after the other; the newest has current = 1.
CREATE TABLE patches (
    patch INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    change_set_id TEXT NOT NULL,
    not_after TEXT NOT NULL,
    body TEXT NOT NULL,
    min_x REAL NOT NULL, max_x REAL NOT NULL, min_y REAL NOT NULL, max_y REAL NOT NULL
);
CREATE VIRTUAL TABLE patch_boxes USING rtree(patch, min_x, max_x, min_y, max_y);
CREATE TABLE judgements (
    judgement INTEGER PRIMARY KEY,
    patch INTEGER NOT NULL REFERENCES patches (patch),
    site_id TEXT NOT NULL,
    region_code TEXT,
    verdict TEXT NOT NULL,
    reasons TEXT NOT NULL,
    map_version INTEGER NOT NULL,
    judged_at TEXT NOT NULL,
    current INTEGER NOT NULL
);
CREATE UNIQUE INDEX judgements_current ON judgements (patch) WHERE current = 1;
CREATE INDEX judgements_of_site ON judgements (site_id) WHERE current = 1;

CREATE TABLE alerts (
    alert INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    state TEXT NOT NULL,
    region_code TEXT,
    sequence INTEGER NOT NULL,
    body TEXT NOT NULL,
    min_x REAL, max_x REAL, min_y REAL, max_y REAL
);
CREATE UNIQUE INDEX alerts_open ON alerts (fingerprint) WHERE state <> 'resolved';
CREATE UNIQUE INDEX alerts_by_sequence ON alerts (sequence);
CREATE INDEX alerts_of_subject ON alerts (subject_kind, subject_id);
CREATE TABLE alert_changes (
    sequence INTEGER PRIMARY KEY,
    alert_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    note TEXT,
    alert TEXT NOT NULL
);
CREATE INDEX alert_changes_of_alert ON alert_changes (alert_id, sequence);
CREATE TABLE cases (
    id TEXT NOT NULL PRIMARY KEY,
    alert_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    region_code TEXT,
    state TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    decided_at TEXT,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX cases_by_opening ON cases (opened_at);
CREATE INDEX cases_by_decision ON cases (decided_at);
CREATE TABLE photos (
    sha256 TEXT NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    bytes BLOB NOT NULL
);

CREATE TABLE indicator_definitions (
    definition INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    definition_version TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (code, definition_version)
);
CREATE TABLE indicator_targets (
    target INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    region_code TEXT NOT NULL,
    version TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (code, region_code, version)
);
CREATE TABLE indicator_values (
    value INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    region_code TEXT NOT NULL,
    month TEXT NOT NULL,
    current INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX indicator_values_current ON indicator_values (code, region_code, month) WHERE current = 1;
