-- Registers, version 5: what learning keeps. A score is never changed; the newest of a finding counts.

CREATE TABLE candidate_scores (
    score INTEGER PRIMARY KEY,
    finding_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    as_of TEXT NOT NULL,
    features BLOB NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (finding_id, as_of)
);
CREATE INDEX candidate_scores_of_site ON candidate_scores (site_id, as_of);
CREATE INDEX candidate_scores_by_time ON candidate_scores (as_of);

CREATE TABLE imported_outcomes (
    id TEXT NOT NULL PRIMARY KEY,
    recorded_at TEXT NOT NULL,
    longitude REAL NOT NULL,
    latitude REAL NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX imported_outcomes_by_place ON imported_outcomes (longitude, latitude);

CREATE TABLE risk_picture (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    body TEXT NOT NULL
);
CREATE TABLE risk_parcels (
    parcel_id TEXT NOT NULL PRIMARY KEY,
    risk REAL NOT NULL,
    body TEXT NOT NULL,
    min_x REAL NOT NULL, max_x REAL NOT NULL, min_y REAL NOT NULL, max_y REAL NOT NULL
) WITHOUT ROWID;

ALTER TABLE devices ADD COLUMN known_from TEXT;
CREATE INDEX judgements_of_patch ON judgements (patch);
