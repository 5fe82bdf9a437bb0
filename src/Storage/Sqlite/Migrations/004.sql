-- Registers, version 4: incidents. A row is an incident as it is now; it can be made again from the findings.

CREATE TABLE incidents (
    incident INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    region_code TEXT,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    corroborated INTEGER NOT NULL,
    merged_into TEXT,
    body TEXT NOT NULL,
    min_x REAL NOT NULL, max_x REAL NOT NULL, min_y REAL NOT NULL, max_y REAL NOT NULL
);
CREATE INDEX incidents_by_end ON incidents (ends_at, id);
CREATE VIRTUAL TABLE incident_boxes USING rtree(incident, min_x, max_x, min_y, max_y);
CREATE TABLE incident_subjects (
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    incident INTEGER NOT NULL REFERENCES incidents (incident),
    PRIMARY KEY (subject_kind, subject_id, incident)
) WITHOUT ROWID;
