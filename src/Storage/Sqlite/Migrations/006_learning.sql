-- Registers, version 6: the risk map is asked for by region; findings of one rule by time.

DROP TABLE risk_parcels;
DELETE FROM risk_picture;
CREATE TABLE risk_parcels (
    parcel_id TEXT NOT NULL PRIMARY KEY,
    region_code TEXT,
    risk REAL NOT NULL,
    body TEXT NOT NULL,
    min_x REAL NOT NULL, max_x REAL NOT NULL, min_y REAL NOT NULL, max_y REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX risk_parcels_by_risk ON risk_parcels (risk DESC, parcel_id);

CREATE INDEX findings_of_rule ON findings (rule_id, phenomenon_end);

-- From when on a patch was known: its first judgement, however often it is judged again.
ALTER TABLE patches ADD COLUMN known_at TEXT;
UPDATE patches SET known_at = (SELECT min(j.judged_at) FROM judgements j WHERE j.patch = patches.patch);
CREATE INDEX patches_by_knowing ON patches (known_at);
